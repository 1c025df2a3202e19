{{/*
What values.schema.json cannot tell: durations, numbers and bytes that are compared, names that must differ, names of the
release. The program checks config.yaml once more at its start, in the same words: src/config/check.ts.
*/}}
{{- define "tbot-injector.checks" -}}
{{- $problems := list }}
{{- range $check := list "mount-root" "bots" "grants" "outputs" "accounts" "certificates" "webhook" "names" "releases" }}
{{- $found := include (printf "tbot-injector.checks.%s" $check) $ }}
{{- $problems = concat $problems (splitList "\n" $found | compact) }}
{{- end }}
{{- if $problems }}
{{- fail (printf "\n\n%s\n" (join "\n" $problems)) }}
{{- /* `helm lint` only logs what fail says. That this is no YAML it refuses. */}}
{{ join "\n" $problems }}
{{- end }}
{{- end }}

{{/* One problem as one line. Call with (list where found expected fix). */}}
{{- define "tbot-injector.problem" }}
{{ index . 0 }}: found {{ index . 1 }}; expected {{ index . 2 }}. Fix: {{ index . 3 }}
{{ end }}

{{/* A value as it stands in a problem: of lists and maps only their size. */}}
{{- define "tbot-injector.quoted" -}}
{{- if or (kindIs "map" .) (kindIs "slice" .) -}}
{{- $isMap := kindIs "map" . }}
{{- if . }}a {{ $isMap | ternary "map" "list" }} of {{ len . }}{{ else }}{{ $isMap | ternary "{}" "[]" }}{{ end }}
{{- else if kindIs "string" . -}}
{{- $letters := regexFindAll "(?s)." . -1 }}
{{- if gt (len $letters) 120 -}}
{{ slice $letters 0 120 | join "" | toRawJson }}... ({{ len $letters }} characters)
{{- else -}}
{{ toRawJson . }}
{{- end }}
{{- else -}}
{{ toRawJson . }}
{{- end }}
{{- end }}
