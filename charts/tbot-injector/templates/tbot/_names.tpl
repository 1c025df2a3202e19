{{/* ClusterRole and RoleBindings of a bot, and its ServiceAccount unless values name it. Call with (dict "root" $ "bot" "payments"). */}}
{{- define "tbot-injector.botName" -}}
{{ include "tbot-injector.fullname" .root }}-bot-{{ .bot }}
{{- end }}

{{/* Deployment and ConfigMap of one shard. Call with (dict "root" $ "bot" "payments" "shard" 0). */}}
{{- define "tbot-injector.shardName" -}}
{{ include "tbot-injector.botName" . }}-{{ .shard }}
{{- end }}

{{/* `tbot.deployment` with what `bots.<bot>.deployment` says otherwise, as YAML. Call as tbot-injector.botName. */}}
{{- define "tbot-injector.botDeployment" -}}
{{- $bot := get .root.Values.bots .bot }}
{{- mergeOverwrite (deepCopy .root.Values.tbot.deployment) (deepCopy ($bot.deployment | default dict)) | toYaml }}
{{- end }}

{{/* Call as tbot-injector.botName. */}}
{{- define "tbot-injector.botServiceAccount" -}}
{{- $deployment := include "tbot-injector.botDeployment" . | fromYaml }}
{{- $deployment.serviceAccount.name | default (include "tbot-injector.botName" .) }}
{{- end }}
