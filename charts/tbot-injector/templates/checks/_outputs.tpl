{{/* The outputs of all bots, each on its own and against each other: src/config/check-outputs.ts. */}}
{{- define "tbot-injector.checks.outputs" -}}
{{- $names := dict }}
{{- $secrets := dict }}
{{- range $bot, $settings := .Values.bots }}
{{- range $output, $fields := $settings.outputs }}
{{- $at := printf "bots.%s.outputs.%s" $bot $output }}
{{- include "tbot-injector.outputProblems" (dict "root" $ "output" $fields "at" $at) }}
{{- include "tbot-injector.ownName" (dict "seen" $names "what" "output name" "name" $output "at" $at) }}
{{- $secret := include "tbot-injector.secretName" (dict "name" $output "settings" $fields) }}
{{- include "tbot-injector.ownName" (dict "seen" $secrets "what" "secretName" "name" $secret "at" $at) }}
{{- end }}
{{- end }}
{{- end }}

{{/* tbot has no locking: two writers of one Secret would break each other's credentials. Remembers the name in `seen`. */}}
{{- define "tbot-injector.ownName" -}}
{{- with get .seen .name }}
{{- include "tbot-injector.problem" (list
  $.at
  (printf "%s %q, which %s has too" $.what $.name .)
  (printf "its own %s" $.what)
  (printf "choose another %s" $.what)
) }}
{{- else }}
{{- $_ := set .seen .name .at }}
{{- end }}
{{- end }}

{{- define "tbot-injector.outputProblems" -}}
{{- $tbot := .output.tbot }}
{{- with .output.mountPath }}
{{- $path := . }}
{{- with include "tbot-injector.mountPathFault" . }}
{{- include "tbot-injector.problem" (list
  (printf "%s.mountPath" $.at) (include "tbot-injector.quoted" $path) . "correct mountPath"
) }}
{{- end }}
{{- include "tbot-injector.placeholders" (dict "value" . "at" (printf "%s.mountPath" $.at) "allowed" "") }}
{{- end }}
{{- include "tbot-injector.placeholders" (dict "value" $tbot "at" (printf "%s.tbot" .at) "allowed" "$(NAMESPACE)") }}
{{- $since := dict "kubernetes/v2" (dict "context_name_template" "18.2.4" "relay_server" "18.5.0") }}
{{- $version := .root.Values.tbot.version }}
{{- range $field, $first := get $since $tbot.type | default dict }}
{{- if and (get $tbot $field) (not (include "tbot-injector.isAtLeast" (list $version $first))) }}
{{- include "tbot-injector.problem" (list
  (printf "%s.tbot.%s" $.at $field)
  (printf "tbot.version %s" $version)
  (printf "tbot %s or newer, the first that knows %s" $first $field)
  (printf "raise tbot.version, or remove %s" $field)
) }}
{{- end }}
{{- end }}
{{- end }}
