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
app.kubernetes.io/name: {{ include "tbot-injector.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: tbot-injector
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What Services, Deployments and policies find the pods of one component by. Call with (dict "root" $ "component" "webhook"). */}}
{{- define "tbot-injector.selectorLabels" -}}
app.kubernetes.io/name: {{ include "tbot-injector.name" .root | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* The Secret that the webhook mounts, by the source of certificates. */}}
{{- define "tbot-injector.servingSecretName" -}}
{{- if eq .Values.certificates.source "secret" -}}
{{ .Values.certificates.secret.name }}
{{- else if eq .Values.certificates.source "cert-manager" -}}
{{- /* Of its own: Helm would not adopt one that cert-manager has made. */ -}}
{{ include "tbot-injector.fullname" . }}-webhook-cert
{{- else -}}
{{ include "tbot-injector.ownServingSecretName" . }}
{{- end }}
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
  namespace: {{ .root.Release.Namespace | quote }}
  path: {{ .path }}
  port: 443
{{- end }}
{{- end }}

{{/* cert-manager's cainjector writes the caBundle where cert-manager signs. */}}
{{- define "tbot-injector.webhookConfigurationMetadata" -}}
name: {{ include "tbot-injector.fullname" . }}
labels:
  {{- include "tbot-injector.labels" . | nindent 2 }}
{{- if eq .Values.certificates.source "cert-manager" }}
annotations:
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "tbot-injector.webhookName" . }}
{{- end }}
{{- end }}

{{/* Namespaces that are never injected, as a list of JSON: in our own a webhook that is down would block its own cure. */}}
{{- define "tbot-injector.neverInjected" -}}
{{- append (include "tbot-injector.program.neverInjected" . | fromJsonArray) .Release.Namespace | uniq | toJson }}
{{- end }}

{{/* Opted-in namespaces. */}}
{{- define "tbot-injector.namespaceSelector" -}}
matchLabels:
  {{ include "tbot-injector.key.injection" . }}: {{ include "tbot-injector.program.injectionEnabled" . }}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values: {{ include "tbot-injector.neverInjected" . }}
{{- end }}

{{/* CEL: does the metadata carry an annotation of ours? Call with "object.metadata". */}}
{{- define "tbot-injector.asks" -}}
{{ . }}.?annotations.orValue({}).exists(key, key.startsWith('{{ include "tbot-injector.program.keyPrefix" . }}'))
{{- end }}
