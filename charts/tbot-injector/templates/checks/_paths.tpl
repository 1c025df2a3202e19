{{/* Why a text cannot be a mountPath, as the "expected" of a problem; nothing for one that can: src/config/mount-path.ts. */}}
{{- define "tbot-injector.mountPathFault" -}}
{{- $normal := clean . }}
{{- $account := "/var/run/secrets/kubernetes.io/serviceaccount" }}
{{- $segments := splitList "/" . }}
{{- $untrimmed := false }}
{{- $long := false }}
{{- range $segments }}
{{- if ne . (trim .) }}{{ $untrimmed = true }}{{ end }}
{{- if gt (len .) 255 }}{{ $long = true }}{{ end }}
{{- end }}
{{- if not (hasPrefix "/" .) -}}
an absolute path, starting with "/"
{{- else if regexMatch "[:\\x00-\\x1f\\x7f]" . -}}
a path without ":" and control characters
{{- else if has ".." $segments -}}
a path without ".."
{{- else if $untrimmed -}}
a path whose parts neither start nor end with a space
{{- else if $long -}}
a path whose parts have at most 255 bytes
{{- else if gt (len .) 4095 -}}
a path of at most 4095 bytes
{{- else if eq $normal "/" -}}
a folder below "/"
{{- else if regexMatch "^/(proc|sys|dev)(/|$)" $normal -}}
a path outside /proc, /sys, /dev
{{- else if or (hasPrefix (printf "%s/" $account) (printf "%s/" $normal)) (hasPrefix (printf "%s/" $normal) (printf "%s/" $account)) -}}
a path that does not cover {{ $account }}
{{- end }}
{{- end }}

{{- define "tbot-injector.checks.mount-root" -}}
{{- with dig "mountRoot" "" (.Values.injection | default dict) }}
{{- $expected := include "tbot-injector.mountPathFault" . }}
{{- /* Long enough for every output's name. */}}
{{- with $expected | default (include "tbot-injector.mountPathFault" (printf "%s/%s" . (repeat 51 "x"))) }}
{{- $root := $.Values.injection.mountRoot }}
{{- include "tbot-injector.problem" (list "injection.mountRoot" (include "tbot-injector.quoted" $root) . "correct mountRoot") }}
{{- end }}
{{- end }}
{{- end }}
