{{/* CEL: does a Secret as a volume's source wait for all keys, under their own names? `output` is in scope. */}}
{{- define "tbot-injector.policies.gates" -}}
!{{ . }}.?optional.orValue(false) && {{ . }}.?items.orValue([]).all(item, item.key == item.path) && sets.contains({{ . }}.?items.orValue([]).map(item, item.key), variables.keys[output[2]])
{{- end }}

{{/*
CEL: for each container that lacks some of the mounts, which ones. The usual pod has exactly these mounts in this order, so
that one comparison of two lists tells; looking for each of them costs their number squared. Call with (dict "containers"
"mounts" "ours"), the last of which tells of a `mount` whether it may be one of them.
*/}}
{{- define "tbot-injector.policies.mountFaults" -}}
{{ .containers }}.map(container, [string(container.name),
  [container.?volumeMounts.orValue([])
    .filter(mount, {{ .ours }} && mount.?readOnly.orValue(false) && !has(mount.subPath) && !has(mount.subPathExpr))
    .map(mount, mount.name + '=' + {{ include "tbot-injector.policies.path" "mount.mountPath" }})
  ].map(there, there == {{ .mounts }} ? '' : {{ .mounts }}.filter(mount, !(mount in there)).join(', '))[0]])
  .filter(pair, pair[1] != '').map(pair, 'container ' + pair[0] + ' does not mount read-only ' + pair[1].replace('=', ' at '))
{{- end }}
