{{/* CEL: is it the same entry of metadata.managedFields? The API server tells them apart by these. Call with (list "a" "b"). */}}
{{- define "tbot-injector.policies.sameManager" -}}
['manager', 'operation', 'subresource', 'apiVersion'].all(name, {{ index . 0 }}[?name] == {{ index . 1 }}[?name])
{{- end }}

{{/* CEL: what an entry of metadata.managedFields owns, or nothing. Call with (list "list" "entry"). */}}
{{- define "tbot-injector.policies.ownedIn" -}}
({{ index . 0 }}.filter(other, {{ include "tbot-injector.policies.sameManager" (list "other" (index . 1)) }}).map(other, other.?fieldsV1.orValue({})) + [{}])[0]
{{- end }}

{{/*
Variables of sameManagers. Beyond ten that update, the API server itself puts the oldest together: `merged` are those that
went that way, as nothing but the first write of ours can bring it about.
*/}}
{{- define "tbot-injector.policies.managers" -}}
{{- $updates := "filter(each, each.operation == 'Update').size() > 9" -}}
- name: managersBefore
  expression: dyn(oldObject).metadata.?managedFields.orValue([])
- name: managersAfter
  expression: dyn(object).metadata.?managedFields.orValue([])
# As src/kubernetes/client.ts calls itself.
- name: us
  expression: "{'manager': 'tbot-injector', 'operation': 'Update', 'apiVersion': 'apps/v1'}"
- name: together
  expression: "{'manager': 'ancient-changes', 'operation': 'Update', 'apiVersion': 'apps/v1'}"
- name: merged
  expression: >-
    variables.managersBefore.{{ $updates }} && variables.managersAfter.{{ $updates }}
    && !variables.managersBefore.exists(each, {{ include "tbot-injector.policies.sameManager" (list "each" "variables.us") }})
    && variables.managersAfter.exists(each, {{ include "tbot-injector.policies.sameManager" (list "each" "variables.together") }})
    ? variables.managersBefore.filter(each, each.operation == 'Update' && each.apiVersion == 'apps/v1'
    && ({{ include "tbot-injector.policies.sameManager" (list "each" "variables.together") }}
    || !variables.managersAfter.exists(other, {{ include "tbot-injector.policies.sameManager" (list "other" "each") }})))
    : []
{{- end }}

{{/*
CEL: is the first of a pair, a tree of fields, the second, some trees, put together? CEL has no recursion, and no field of a
workload is deeper than this. The pair is `pair0`.
*/}}
{{- define "tbot-injector.policies.isUnion" -}}
{{- $deepest := 10 }}
{{- $is := "false" }}
{{- range $up := until $deepest }}
{{- $at := print "pair" (sub $deepest (add $up 1)) }}
{{- $below := print "pair" (sub $deepest $up) }}
{{- $is = printf "%[1]s[1].size() > 0 && (%[1]s[1].all(tree, tree == %[1]s[0]) || (%[1]s[1].size() > 1 && %[1]s[1].all(tree, tree.all(key, key in %[1]s[0])) && %[1]s[0].all(key, [[dyn(%[1]s[0][key]), dyn(%[1]s[1].filter(tree, key in tree).map(tree, tree[key]))]].all(%[2]s, %[3]s))))" $at $below $is }}
{{- end }}
{{- $is }}
{{- end }}

{{/*
CEL: does metadata.managedFields say that each manager manages what it did, but for some annotations of the pods? A request may
clear it, and `kubectl apply --server-side` forgets what it has to remove; or add to it, and it does not remove what it should.
Needs the variables of tbot-injector.policies.managers. Call with (list "x").
*/}}
{{- define "tbot-injector.policies.sameManagers" -}}
{{- $written := list "." }}
{{- range . }}{{ $written = append $written (print "f:" .) }}{{ end -}}
variables.managersAfter.all(each, {{ include "tbot-injector.policies.sameManager" (list "each" "variables.us") }}
|| variables.managersBefore.exists(other, {{ include "tbot-injector.policies.sameManager" (list "other" "each") }})
|| (variables.merged.size() > 0 && {{ include "tbot-injector.policies.sameManager" (list "each" "variables.together") }}))
&& (variables.managersBefore.filter(each, !variables.merged.exists(other, {{ include "tbot-injector.policies.sameManager" (list "other" "each") }}))
.map(each, [dyn({{ include "tbot-injector.policies.ownedIn" (list "variables.managersAfter" "each") }}), dyn([each.?fieldsV1.orValue({})])])
+ [[dyn({{ include "tbot-injector.policies.ownedIn" (list "variables.managersAfter" "variables.us") }}), dyn([{{ include "tbot-injector.policies.ownedIn" (list "variables.managersBefore" "variables.us") }}])]]
+ (variables.merged.size() > 0 ? [[dyn({{ include "tbot-injector.policies.ownedIn" (list "variables.managersAfter" "variables.together") }}), dyn(variables.merged.map(each, each.?fieldsV1.orValue({})))]] : []))
.all(owned, [
  {{- $path := "" }}
  {{- range $index, $but := list (list "f:spec") (list "f:template") (list "f:metadata") (list "f:annotations") $written }}
  {{- if $index }},{{ end }}
  [dyn(owned[0]{{ $path }}), dyn(owned[1].map(tree, dyn(tree){{ $path }})), dyn({{ $but | toJson }})]
  {{- $path = print $path "[?'" (first $but) "'].orValue({})" }}
  {{- end }}].all(level,
    level[1].all(tree, tree.all(key, key in level[2] || key in level[0]))
    && level[0].all(key, key in level[2] || [[dyn(level[0][key]), dyn(level[1].filter(tree, key in tree).map(tree, tree[key]))]].all(pair0,
      {{ include "tbot-injector.policies.isUnion" . }}))))
{{- end }}
