{{/* ClusterRole and RoleBindings of a bot, and its ServiceAccount unless values name it. Call with (dict "root" $ "bot" "payments"). */}}
{{- define "tbot-injector.botName" -}}
{{ include "tbot-injector.fullname" .root }}-bot-{{ .bot }}
{{- end }}

{{/* Deployment and ConfigMap of one shard. Call with (dict "root" $ "bot" "payments" "shard" 0). */}}
{{- define "tbot-injector.shardName" -}}
{{ include "tbot-injector.botName" . }}-{{ .shard }}
{{- end }}

{{/* The chart's own: the program knows shards by the names of their Deployments. */}}
{{- define "tbot-injector.shardLabel" -}}
{{ include "tbot-injector.program.keyPrefix" . }}shard
{{- end }}

{{/* What tells the pods of one shard from those of others. Call as tbot-injector.shardName. */}}
{{- define "tbot-injector.shardLabels" -}}
{{ include "tbot-injector.key.bot" . }}: {{ .bot | quote }}
{{ include "tbot-injector.shardLabel" . }}: {{ .shard | quote }}
{{- end }}

{{/*
The Service of one shard: as its Deployment, with a hash where that is too long for a Service. src/controller/names.ts
has the same. Call as tbot-injector.shardName.
*/}}
{{- define "tbot-injector.diagnosticsName" -}}
{{- $name := include "tbot-injector.shardName" . }}
{{- if le (len $name) 63 }}
{{- $name }}
{{- else }}
{{- printf "%s-%s" (regexReplaceAll "-+$" (trunc 54 $name) "") (sha256sum $name | trunc 8) }}
{{- end }}
{{- end }}

{{/* `tbot.deployment` with what `bots.<bot>.deployment` says otherwise, as JSON. Call as tbot-injector.botName. */}}
{{- define "tbot-injector.botDeployment" -}}
{{- $bot := get .root.Values.bots .bot }}
{{- $merged := mergeOverwrite (deepCopy .root.Values.tbot.deployment) (deepCopy ($bot.deployment | default dict)) }}
{{- include "tbot-injector.withoutNulls" $merged }}
{{- end }}

{{/* A map without the keys that null takes away, as it does in all values of Helm: as JSON. */}}
{{- define "tbot-injector.withoutNulls" -}}
{{- $kept := dict }}
{{- range $key, $value := . }}
{{- if kindIs "map" $value }}
{{- $_ := set $kept $key (include "tbot-injector.withoutNulls" $value | fromJson) }}
{{- else if not (kindIs "invalid" $value) }}
{{- $_ := set $kept $key $value }}
{{- end }}
{{- end }}
{{- toJson $kept }}
{{- end }}

{{/* Call as tbot-injector.botName. */}}
{{- define "tbot-injector.botServiceAccount" -}}
{{- $deployment := include "tbot-injector.botDeployment" . | fromJson }}
{{- $deployment.serviceAccount.name | default (include "tbot-injector.botName" .) }}
{{- end }}

{{/* The Secret of an output. Call with (dict "name" "payments-db" "settings" <of the output>). */}}
{{- define "tbot-injector.secretName" -}}
{{- .settings.secretName | default (print (include "tbot-injector.program.secretPrefix" .) .name) }}
{{- end }}

{{/* Names of the Secrets of a bot's outputs, as a JSON list. Call with the bot's settings. */}}
{{- define "tbot-injector.botSecrets" -}}
{{- $names := list }}
{{- range $output, $settings := .outputs }}
{{- $names = append $names (include "tbot-injector.secretName" (dict "name" $output "settings" $settings)) }}
{{- end }}
{{- $names | sortAlpha | toJson }}
{{- end }}
