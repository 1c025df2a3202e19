{{/* config.yaml: the values but for what only the chart knows, which is `deployment` of tbot and of each bot. */}}
{{- define "tbot-injector.config" -}}
{{- $bots := dict }}
{{- range $name, $bot := .Values.bots }}
{{- $_ := set $bots $name (omit $bot "deployment") }}
{{- end }}
{{- $config := dict "teleport" .Values.teleport "tbot" (omit .Values.tbot "deployment") "bots" $bots }}
{{- range $key := list "injection" "telemetry" }}
{{- with get $.Values $key }}{{ $_ := set $config $key . }}{{ end }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{/* Names of all outputs' Secrets of one bot, as a YAML list; the program has the same default. */}}
{{- define "tbot-injector.secretNames" -}}
{{- range $name, $output := .outputs }}
- {{ $output.secretName | default (printf "tbot-%s" $name) }}
{{- end }}
{{- end }}
