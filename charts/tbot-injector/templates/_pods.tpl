{{/* What is the same in every pod of ours; Pod Security "restricted" wants all of it. */}}
{{- define "tbot-injector.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "tbot-injector.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* repository:tag or repository@digest. Call with (dict "image" .Values.image "tag" .Chart.AppVersion). */}}
{{- define "tbot-injector.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .tag }}
{{- end }}
{{- end }}

{{/* Labels of the pods. Call with (dict "root" $ "component" "webhook" "extra" .Values.webhook.podLabels). */}}
{{- define "tbot-injector.podLabels" -}}
{{- $own := merge (include "tbot-injector.selectorLabels" . | fromYaml) (dict "app.kubernetes.io/part-of" "tbot-injector") }}
{{- mergeOverwrite (dict) (.root.Values.commonLabels | default dict) (.extra | default dict) $own | toYaml }}
{{- end }}

{{/* Where pods may run. Call with (dict "root" $ "component" "webhook" "of" .Values.webhook). */}}
{{- define "tbot-injector.placement" -}}
{{- with .of.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .of.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Two replicas on one node, or in one zone, fall together. Call as tbot-injector.placement. */}}
{{- define "tbot-injector.spread" -}}
{{- with .of.topologySpreadConstraints }}
{{- toYaml . }}
{{- else }}
{{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- topologyKey: {{ $key }}
  maxSkew: 1
  whenUnsatisfiable: ScheduleAnyway
  # An update's new pods are spread among themselves.
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels:
      {{- include "tbot-injector.selectorLabels" (dict "root" $.root "component" $.component) | nindent 6 }}
{{- end }}
{{- end }}
{{- end }}

{{/* The program reads its configuration at the start: a change starts new pods. */}}
{{- define "tbot-injector.podAnnotations" -}}
{{- $own := dict "checksum/config" (include "tbot-injector.config" .root | sha256sum) }}
{{- mergeOverwrite (dict) (.extra | default dict) $own | toYaml }}
{{- end }}

{{/* Probes of webhook and controller. */}}
{{- define "tbot-injector.probes" -}}
# The event loop turns; a webhook without certificate is alive and not ready.
livenessProbe:
  httpGet: { path: /healthz, port: http }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: http }
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 2
{{- end }}
