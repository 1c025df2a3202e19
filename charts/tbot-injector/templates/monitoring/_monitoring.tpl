{{/* Name of a component's metrics Service: what comes last is cut off first. Call with (dict "root" $ "component" "webhook"). */}}
{{- define "tbot-injector.monitoring.serviceName" -}}
{{- printf "%s-%s-metrics" (include "tbot-injector.fullname" .root) .component | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
What both monitors do with a target's labels, so that queries need not know which of the two is in use: `job` is
<fullname>-<component>, tbot has `bot` and `shard`, and `endpoint` and `service` make room for labels of our own and
of tbot's metrics, which Prometheus else renames to exported_endpoint and exported_service.
*/}}
{{- define "tbot-injector.monitoring.relabelings" -}}
- sourceLabels: [__meta_kubernetes_pod_label_app_kubernetes_io_component]
  targetLabel: job
  replacement: {{ include "tbot-injector.fullname" . }}-$1
- sourceLabels: [{{ include "tbot-injector.monitoring.podLabel" (include "tbot-injector.key.bot" .) }}]
  targetLabel: bot
- sourceLabels: [{{ include "tbot-injector.monitoring.podLabel" (include "tbot-injector.shardLabel" .) }}]
  targetLabel: shard
- action: labeldrop
  regex: endpoint|service
{{- end }}

{{/* A label of pods, as Prometheus' service discovery calls it. Call with the label's key. */}}
{{- define "tbot-injector.monitoring.podLabel" -}}
__meta_kubernetes_pod_label_{{ regexReplaceAll "[^a-zA-Z0-9_]" . "_" }}
{{- end }}

{{/* tbot has a set of buckets for every output in every namespace; sums and counts are enough. */}}
{{- define "tbot-injector.monitoring.metricRelabelings" -}}
- sourceLabels: [__name__]
  action: drop
  regex: tbot_task_iterations_successful_bucket|tbot_task_iteration_duration_seconds_bucket
{{- end }}
