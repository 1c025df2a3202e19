{{/* CEL: the name under which a ServiceAccount of the release makes requests, as a string. Call with (dict "root" $ "account" "x"). */}}
{{- define "tbot-injector.policies.user" -}}
{{ printf "system:serviceaccount:%s:%s" .root.Release.Namespace .account | toJson }}
{{- end }}

{{/* CEL: has the namespace of the request opted in? As tbot-injector.namespaceSelector has it. */}}
{{- define "tbot-injector.policies.optedIn" -}}
namespaceObject.metadata.?labels[?'{{ include "tbot-injector.key.injection" . }}'].orValue('') == '{{ include "tbot-injector.program.injectionEnabled" . }}' && !(namespaceObject.metadata.name in {{ include "tbot-injector.neverInjected" . }})
{{- end }}

{{/*
CEL: are two maps the same but for some keys? It knows no fields, so that those of a later Kubernetes are compared as well.
Call with (dict "a" "object" "b" "oldObject" "but" (list "data")).
*/}}
{{- define "tbot-injector.policies.sameBut" -}}
dyn({{ .a }}).all(key, key in {{ .but | toJson }} || (key in dyn({{ .b }}) && dyn({{ .a }})[key] == dyn({{ .b }})[key])) && dyn({{ .b }}).all(key, key in {{ .but | toJson }} || key in dyn({{ .a }}))
{{- end }}

{{/* CEL: what a user can change in metadata is as it was. The rest of metadata the API server writes itself. */}}
{{- define "tbot-injector.policies.sameMetadata" -}}
{{ . | toJson }}.all(key, dyn(object.metadata)[?key] == dyn(oldObject.metadata)[?key])
{{- end }}

{{/*
CEL: a path as src/config/mount-path.ts compares it: "//", "/./" and a closing "/" mean nothing. Nearly all paths are as they
should be, and telling that is a tenth of the cost of taking them apart.
*/}}
{{- define "tbot-injector.policies.path" -}}
({{ . }}.matches('^[^/]|/[.]?(/|$)') ? '/' + {{ . }}.split('/').filter(part, part != '' && part != '.').join('/') : {{ . }})
{{- end }}

{{/* CEL: annotations of ours that ask for something; the record of the webhook does not. Call with "object.metadata". */}}
{{- define "tbot-injector.policies.asking" -}}
{{ . }}.?annotations.orValue({}).filter(key, key.startsWith('{{ include "tbot-injector.program.keyPrefix" . }}') && key != '{{ include "tbot-injector.key.injected" . }}')
{{- end }}
