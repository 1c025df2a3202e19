{{/* Keys that an output writes at every renewal, those that its pods wait for: a JSON list. Call with the output's settings. */}}
{{- define "tbot-injector.policies.requiredKeys" -}}
{{- $fields := .tbot | default dict }}
{{- $keys := list }}
{{- range $rule := get (include "tbot-injector.program.outputKeys" . | fromJson) (toString $fields.type) }}
{{- $holds := true }}
{{- with $rule.when }}
{{- $value := get $fields .field }}
{{- $isAbsent := or (not (hasKey $fields .field)) (kindIs "invalid" $value) }}
{{- $holds = ternary (default false .orAbsent) (has $value .is) $isAbsent }}
{{- end }}
{{- $name := get $fields (default "" $rule.renamedBy) }}
{{- if $holds }}{{ $keys = concat $keys (ternary $rule.keys (list $name) (empty $name)) }}{{ end }}
{{- end }}
{{- .requiredKeys | default $keys | toJson }}
{{- end }}

{{/*
What the platform decided on each output, as JSON: `outputs`, maps from a name to [Secret, path, number of its keys], and
`keys`, from that number to the keys that pods wait for. One CEL expression may have 100,000 characters: hence several maps.
*/}}
{{- define "tbot-injector.policies.outputs" -}}
{{- $root := (.Values.injection | default dict).mountRoot | default (include "tbot-injector.program.mountRoot" .) }}
{{- $maps := list }}
{{- $map := dict }}
{{- $numbers := dict }}
{{- $keys := dict }}
{{- range $bot := .Values.bots }}
{{- range $name, $output := $bot.outputs }}
{{- $required := include "tbot-injector.policies.requiredKeys" $output }}
{{- if not (hasKey $numbers $required) }}
{{- $_ := set $numbers $required (len $numbers | toString) }}
{{- $_ := set $keys (get $numbers $required) ($required | fromJsonArray) }}
{{- end }}
{{- $secret := include "tbot-injector.secretName" (dict "name" $name "settings" $output) }}
{{- $path := $output.mountPath | default (printf "%s/%s" $root $name) | clean }}
{{- if eq (len $map) 200 }}
{{- $maps = append $maps $map }}
{{- $map = dict }}
{{- end }}
{{- $_ := set $map $name (list $secret $path (get $numbers $required)) }}
{{- end }}
{{- end }}
{{- dict "outputs" (append $maps $map) "keys" $keys | toJson }}
{{- end }}

{{/* Those as variables of a policy. */}}
{{- define "tbot-injector.policies.outputVariables" -}}
{{- $all := include "tbot-injector.policies.outputs" . | fromJson }}
- name: keys
  expression: |-
    {{ $all.keys | toJson }}
{{- range $index, $map := $all.outputs }}
- name: outputs{{ $index }}
  expression: |-
    {{ $map | toJson }}
{{- end }}
{{- end }}

{{/* CEL: [Secret, path, number] of the output of a name; an empty list where there is none. Call with (dict "root" $ "name" "item[0]"). */}}
{{- define "tbot-injector.policies.output" -}}
({{ range $index, $_ := (include "tbot-injector.policies.outputs" .root | fromJson).outputs -}}
{{ $.name }} in variables.outputs{{ $index }} ? variables.outputs{{ $index }}[{{ $.name }}] : {{ end }}[])
{{- end }}
