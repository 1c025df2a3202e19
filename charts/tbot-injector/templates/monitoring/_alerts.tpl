{{/* What stands in angle brackets in files/alerts.yaml. */}}
{{- define "tbot-injector.monitoring.figures" -}}
{{- $targets := printf "namespace=%q, job%%s\"%s-%%s\"" .Release.Namespace (include "tbot-injector.fullname" .) }}
{{- $replicas := .Values.webhook.autoscaling.enabled | ternary .Values.webhook.autoscaling.minReplicas .Values.webhook.replicas }}
{{- $serving := include "tbot-injector.monitoring.renewBefore" . | int64 }}
webhook: {{ printf $targets "=" "webhook" | quote }}
controller: {{ printf $targets "=" "controller" | quote }}
tbot: {{ printf $targets "=" "tbot" | quote }}
ours: {{ printf $targets "=~" "(webhook|controller)" | quote }}
webhookPods: {{ $replicas | int | quote }}
outage: {{ eq .Values.webhook.mutate.failurePolicy "Ignore" | ternary "started without them unless the guard refuses them" "refused" }}
timeout: {{ .Values.webhook.mutate.timeoutSeconds | quote }}
# Longer times are not told apart by the buckets.
slow: {{ minf 2.5 (divf .Values.webhook.mutate.timeoutSeconds 2) | quote }}
servingOverdue: {{ mulf $serving 0.9 | int64 | quote }}
servingExpires: {{ mulf $serving 0.2 | int64 | quote }}
# The controller renews its CA when a third of its life is left.
caOverdue: {{ mulf (include "tbot-injector.program.caLifetimeDays" . | int) 86400 0.3 | int64 | quote }}
caExpires: {{ mulf 14 86400 | int64 | quote }}
{{- range $key, $name := include "tbot-injector.program.metrics" . | fromJson }}
metrics.{{ $key }}: {{ $name }}
{{- end }}
{{- end }}

{{/* Seconds before its end that the serving certificate is renewed; the controller does it when a third of its life is left. */}}
{{- define "tbot-injector.monitoring.renewBefore" -}}
{{- if eq .Values.certificates.source "cert-manager" }}
{{- include "tbot-injector.seconds" .Values.certificates.certManager.renewBefore | float64 | int64 }}
{{- else }}
{{- div (mul (include "tbot-injector.program.servingLifetimeDays" . | int) 86400) 3 }}
{{- end }}
{{- end }}

{{/* A text of files/alerts.yaml with its figures. Call with (dict "text" "..." "figures" <dict>). */}}
{{- define "tbot-injector.monitoring.fill" -}}
{{- $text := .text }}
{{- range $name, $figure := .figures }}
{{- $text = replace (printf "<%s>" $name) $figure $text }}
{{- end }}
{{- $text }}
{{- end }}

{{/* One rule. Call with (dict "root" $ "alert" <of files/alerts.yaml> "figures" <dict> "labels" <dict>). */}}
{{- define "tbot-injector.monitoring.alert" -}}
{{- $filled := dict }}
{{- range $field := list "expr" "summary" "description" }}
{{- $text := include "tbot-injector.monitoring.fill" (dict "text" (get $.alert $field) "figures" $.figures) }}
{{- $_ := set $filled $field $text }}
{{- end }}
{{- $labels := merge (deepCopy .root.Values.monitoring.prometheusRule.alertLabels) (dict "severity" .alert.severity "namespace" .root.Release.Namespace) .labels }}
alert: {{ .alert.name }}
expr: |-
  {{- $filled.expr | trim | nindent 2 }}
{{- with .alert.for }}
for: {{ . }}
{{- end }}
labels:
  {{- toYaml $labels | nindent 2 }}
annotations:
  summary: {{ $filled.summary | quote }}
  description: {{ $filled.description | quote }}
  runbook: docs/troubleshooting.md#{{ lower .alert.name }}
{{- end }}
