{{/* CEL: is a metadata ours to keep? Call with "oldObject.metadata". */}}
{{- define "tbot-injector.policies.managed" -}}
{{ . }}.?labels[?'{{ include "tbot-injector.program.managedByLabel" . }}'].orValue('') == '{{ include "tbot-injector.program.manager" . }}'
{{- end }}

{{/* CEL: the bot that an object belongs to by its label, or ''. Call with "object.metadata". */}}
{{- define "tbot-injector.policies.bot" -}}
{{ . }}.?labels[?'{{ include "tbot-injector.key.bot" . }}'].orValue('')
{{- end }}

{{/* ServiceAccounts that values name, by bot, as JSON: of all others the names follow from the bot's. */}}
{{- define "tbot-injector.policies.namedAccounts" -}}
{{- $accounts := dict }}
{{- range $bot, $_ := .Values.bots }}
{{- $call := dict "root" $ "bot" $bot }}
{{- $account := include "tbot-injector.botServiceAccount" $call }}
{{- if ne $account (include "tbot-injector.botName" $call) }}{{ $_ := set $accounts $bot $account }}{{ end }}
{{- end }}
{{- $accounts | toJson }}
{{- end }}

{{/* CEL: the ServiceAccount of a bot. Call with (dict "root" $ "bot" "variables.bot"). */}}
{{- define "tbot-injector.policies.account" -}}
{{ include "tbot-injector.policies.namedAccounts" .root }}[?{{ .bot }}].orValue('{{ include "tbot-injector.botName" (dict "root" .root "bot" "") }}' + {{ .bot }})
{{- end }}

{{/* What all guardrails of the controller's account begin with. Call with (dict "root" $ "name" "x" "rules" (list of rules)). */}}
{{- define "tbot-injector.policies.controllerGuardrail" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  {{- include "tbot-injector.policies.metadata" . | nindent 2 }}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      {{- toYaml .rules | nindent 6 }}
  matchConditions:
    - name: is-the-controller
      expression: request.userInfo.username == {{ include "tbot-injector.policies.user" (dict "root" .root "account" (include "tbot-injector.controllerName" .root)) }}
{{- end }}

{{/*
CEL: is nothing of a workload another but some annotations, its own and those of its pods? `variables.before` and
`variables.after` are the pod templates. Call with (dict "own" (list "x") "ofPods" (list "y")).
*/}}
{{- define "tbot-injector.policies.restartOnly" -}}
{{ include "tbot-injector.policies.sameBut" (dict "a" "object" "b" "oldObject" "but" (list "metadata" "spec" "status")) }}
&& {{ include "tbot-injector.policies.sameMetadata" (list "labels" "finalizers" "ownerReferences") }}
&& {{ include "tbot-injector.policies.sameBut" (dict "a" "object.metadata.?annotations.orValue({})" "b" "oldObject.metadata.?annotations.orValue({})" "but" .own) }}
&& {{ include "tbot-injector.policies.sameBut" (dict "a" "object.spec" "b" "oldObject.spec" "but" (list "template")) }}
&& {{ include "tbot-injector.policies.sameBut" (dict "a" "variables.after" "b" "variables.before" "but" (list "metadata")) }}
&& {{ include "tbot-injector.policies.sameBut" (dict "a" "variables.after.?metadata.orValue({})" "b" "variables.before.?metadata.orValue({})" "but" (list "annotations")) }}
&& {{ include "tbot-injector.policies.sameBut" (dict "a" "variables.after.?metadata.?annotations.orValue({})" "b" "variables.before.?metadata.?annotations.orValue({})" "but" .ofPods) }}
{{- end }}

{{/*
CEL: is an annotation of the pods there, and as it should be? A value can be as large as an object may be.
`variables.after` is the pod template. Call with (dict "key" "x" "pattern" "^[0-9]+$").
*/}}
{{- define "tbot-injector.policies.isWritten" -}}
variables.after.?metadata.?annotations[?'{{ .key }}'].orValue('').matches('{{ .pattern }}')
{{- end }}
