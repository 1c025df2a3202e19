{{/* Under one account two bots could write each other's Secrets. */}}
{{- define "tbot-injector.checks.accounts" -}}
{{- $seen := dict
  (include "tbot-injector.webhookName" .) "the webhook"
  (include "tbot-injector.controllerName" .) "the controller"
}}
{{- range $bot, $_ := .Values.bots }}
{{- $name := include "tbot-injector.botServiceAccount" (dict "root" $ "bot" $bot) }}
{{- with get $seen $name }}
{{- include "tbot-injector.problem" (list
  (printf "bots.%s.deployment.serviceAccount.name" $bot)
  (printf "%q, which %s has too" $name .)
  "a ServiceAccount of its own: rights and join token of a bot go by it"
  "name another one there, and leave tbot.deployment.serviceAccount.name empty"
) }}
{{- else }}
{{- $_ := set $seen $name (printf "bots.%s" $bot) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "tbot-injector.checks.certificates" -}}
{{- if ne .Values.certificates.source "secret" }}
{{- with .Values.webhook.url }}
{{- $host := regexReplaceAll "^https://([^/:\\[]+|\\[[^\\]]*\\]).*$" . "${1}" | trimAll "[]" | lower }}
{{- $service := include "tbot-injector.webhookName" $ }}
{{- $namespaced := printf "%s.%s" $service $.Release.Namespace }}
{{- $carried := list $service $namespaced (printf "%s.svc" $namespaced) (printf "%s.svc.cluster.local" $namespaced) }}
{{- if not (has $host (concat $carried ($.Values.certificates.servingNames | default list | join "\n" | lower | splitList "\n"))) }}
{{- include "tbot-injector.problem" (list
  "webhook.url"
  (printf "host %q, for which the serving certificate is not made" $host)
  "a host among certificates.servingNames"
  (printf "add %q to certificates.servingNames" $host)
) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "tbot-injector.checks.webhook" -}}
{{- with .Values.webhook.autoscaling }}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) }}
{{- include "tbot-injector.problem" (list
  "webhook.autoscaling.minReplicas"
  (int .minReplicas)
  (printf "at most maxReplicas, which is %d" (int .maxReplicas))
  "lower minReplicas, or raise maxReplicas"
) }}
{{- end }}
{{- end }}
{{- with .Values.webhook }}
{{- if eq (int .containerPort) (int .healthPort) }}
{{- include "tbot-injector.problem" (list
  "webhook.healthPort"
  (int .healthPort)
  "another port than webhook.containerPort"
  "choose another one of the two"
) }}
{{- end }}
{{- end }}
{{- end }}

{{/* A Service's name begins with a letter; and what begins with a digit YAML may take for a number. */}}
{{- define "tbot-injector.checks.names" -}}
{{- $fullname := include "tbot-injector.fullname" . }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $fullname) }}
{{- include "tbot-injector.problem" (list
  "fullnameOverride"
  (printf "%q for the names of all objects" $fullname)
  "lower-case letters, digits and \"-\", beginning with a letter"
  "set fullnameOverride: tbot-injector, or install the release under another name"
) }}
{{- end }}
{{- end }}

{{/* Labels and annotations do not name their release: the guardrails of each would keep the other from its own Secrets. */}}
{{- define "tbot-injector.checks.releases" -}}
{{- $fullname := include "tbot-injector.fullname" . }}
{{- range (lookup "admissionregistration.k8s.io/v1" "MutatingWebhookConfiguration" "" "").items }}
{{- if and (eq (dig "labels" "app.kubernetes.io/part-of" "" .metadata) "tbot-injector") (ne .metadata.name $fullname) }}
{{- include "tbot-injector.problem" (list
  "the cluster"
  (printf "release %q of tbot-injector" (dig "labels" "app.kubernetes.io/instance" .metadata.name .metadata))
  "no other: they would inject the same pods, and keep each other from their Secrets"
  "upgrade that one, or uninstall it first"
) }}
{{- end }}
{{- end }}
{{- end }}
