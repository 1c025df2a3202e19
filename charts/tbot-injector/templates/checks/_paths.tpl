{{/*
A path that is longer than Linux takes: a schema counts characters, not bytes. src/config/mount-path.ts has the same. Call with
(dict "at" "injection.mountRoot" "path" "/x" "tried" "/x/longest-output").
*/}}
{{- define "tbot-injector.longPath" -}}
{{- $fault := "" }}
{{- range splitList "/" .tried }}
{{- if gt (len .) 255 }}{{ $fault = "a path whose parts have at most 255 bytes" }}{{ end }}
{{- end }}
{{- if gt (len .tried) 4095 }}{{ $fault = $fault | default "a path of at most 4095 bytes" }}{{ end }}
{{- with $fault }}
{{- include "tbot-injector.problem" (list
  $.at (include "tbot-injector.quoted" $.path) . (printf "correct %s" (splitList "." $.at | last))
) }}
{{- end }}
{{- end }}

{{/* Long enough for every output's name. */}}
{{- define "tbot-injector.checks.mount-root" -}}
{{- with dig "mountRoot" "" (.Values.injection | default dict) }}
{{- include "tbot-injector.longPath" (dict "at" "injection.mountRoot" "path" . "tried" (printf "%s/%s" . (repeat 51 "x"))) }}
{{- end }}
{{- end }}
