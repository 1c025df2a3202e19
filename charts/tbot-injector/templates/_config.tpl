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
