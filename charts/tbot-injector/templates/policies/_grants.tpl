{{/*
Label keys by which selectors grant, as a JSON list. Namespaces opt in by themselves, and no user can change the label that
holds their name.
*/}}
{{- define "tbot-injector.policies.grantKeys" -}}
{{- $keys := list }}
{{- range $bot := .Values.bots }}
{{- with ($bot.namespaces | default dict).selector }}
{{- $keys = concat $keys (keys (.matchLabels | default dict)) }}
{{- range .matchExpressions }}{{ $keys = append $keys .key }}{{ end }}
{{- end }}
{{- end }}
{{- without ($keys | uniq | sortAlpha) (include "tbot-injector.key.injection" .) "kubernetes.io/metadata.name" | toJson }}
{{- end }}
