{{/* Metadata of a policy and of its binding. Call with (dict "root" $ "name" "guard"). */}}
{{- define "tbot-injector.policies.metadata" -}}
name: {{ include "tbot-injector.fullname" .root }}-{{ .name }}
labels:
  {{- include "tbot-injector.labels" .root | nindent 2 }}
{{- end }}

{{/* The binding that puts a policy in force. Call with (dict "root" $ "name" "guard" "settings" .Values.policies.guard). */}}
{{- define "tbot-injector.policies.binding" -}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  {{- include "tbot-injector.policies.metadata" . | nindent 2 }}
spec:
  policyName: {{ include "tbot-injector.fullname" .root }}-{{ .name }}
  validationActions: {{ .settings.validationActions | toJson }}
{{- end }}
