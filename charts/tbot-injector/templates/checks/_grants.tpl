{{/* Namespaces that are named, and never injected: the schema does not know the release's own. src/config/check-namespaces.ts. */}}
{{- define "tbot-injector.checks.grants" -}}
{{- range $bot, $settings := .Values.bots }}
{{- range $index, $name := $settings.namespaces.names }}
{{- if has $name (include "tbot-injector.neverInjected" $ | fromJsonArray) }}
{{- include "tbot-injector.problem" (list
  (printf "bots.%s.namespaces.names[%d]" $bot $index)
  (quote $name)
  "a namespace that can be injected"
  (printf "remove %q" $name)
) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
