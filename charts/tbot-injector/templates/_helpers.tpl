{{/* The prefix of the annotation and label keys of the product: what users write. Not a value: the program knows it too. */}}
{{- define "tbot-injector.keyPrefix" -}}
tbot-injector.io/
{{- end }}

{{- define "tbot-injector.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "tbot-injector.fullname" -}}
{{- $name := include "tbot-injector.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "tbot-injector.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: {{ include "tbot-injector.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: tbot-injector
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "tbot-injector.webhookName" -}}
{{ include "tbot-injector.fullname" . }}-webhook
{{- end }}

{{/*
The clientConfig of one entry. It has no caBundle: the controller writes that, and a field that Helm and
the controller both own is emptied or refused at upgrades. Call with (dict "root" $ "path" "/mutate").
*/}}
{{- define "tbot-injector.clientConfig" -}}
{{- with .root.Values.webhook.url -}}
url: {{ printf "%s%s" (trimSuffix "/" .) $.path | quote }}
{{- else -}}
service:
  name: {{ include "tbot-injector.webhookName" .root }}
  namespace: {{ .root.Release.Namespace }}
  path: {{ .path }}
  port: 443
{{- end }}
{{- end }}

{{/* Opted-in namespaces, whatever the label says in kube-system or our own: there a webhook that is down would block its own cure. */}}
{{- define "tbot-injector.namespaceSelector" -}}
matchLabels:
  {{ include "tbot-injector.keyPrefix" . }}injection: enabled
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values: {{ list "kube-system" .Release.Namespace | uniq | toJson }}
{{- end }}

{{/* CEL: does the metadata carry an annotation of ours? Call with (dict "root" $ "of" "object.metadata"). */}}
{{- define "tbot-injector.asks" -}}
{{ .of }}.?annotations.orValue({}).exists(key, key.startsWith('{{ include "tbot-injector.keyPrefix" .root }}'))
{{- end }}
