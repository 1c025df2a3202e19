{{/* The outputs of all bots against each other, and their paths: src/config/check-outputs.ts. */}}
{{- define "tbot-injector.checks.outputs" -}}
{{- $names := dict }}
{{- $secrets := dict }}
{{- range $bot, $settings := .Values.bots }}
{{- range $output, $fields := $settings.outputs }}
{{- $at := printf "bots.%s.outputs.%s" $bot $output }}
{{- with $fields.mountPath }}
{{- include "tbot-injector.longPath" (dict "at" (printf "%s.mountPath" $at) "path" . "tried" .) }}
{{- end }}
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
