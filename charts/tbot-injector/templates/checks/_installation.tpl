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
{{- $certificates := .Values.certificates }}
{{- if eq $certificates.source "secret" }}
{{- if not $certificates.secret.name }}
{{- include "tbot-injector.problem" (list
  "certificates.secret.name"
  "nothing"
  "the Secret with tls.crt and tls.key, as certificates.source is secret"
  "name it, or set certificates.source: controller"
) }}
{{- end }}
{{- if not $certificates.secret.caBundle }}
{{- include "tbot-injector.problem" (list
  "certificates.secret.caBundle"
  "nothing"
  "PEM of the CA by which API servers trust the webhook, as certificates.source is secret"
  "pass --set-file certificates.secret.caBundle=ca.crt, or set certificates.source: controller"
) }}
{{- end }}
{{- else }}
{{- with .Values.webhook.url }}
{{- $host := regexReplaceAll "^https://([^/:\\[]+|\\[[^\\]]*\\]).*$" . "${1}" | trimAll "[]" | lower }}
{{- $service := include "tbot-injector.webhookName" $ }}
{{- $namespaced := printf "%s.%s" $service $.Release.Namespace }}
{{- $carried := list $service $namespaced (printf "%s.svc" $namespaced) (printf "%s.svc.cluster.local" $namespaced) }}
{{- if not (has $host (concat $carried ($certificates.servingNames | default list | join "\n" | lower | splitList "\n"))) }}
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
{{- with .Values.webhook.clientCertificates }}
{{- if and .configMapName (not .names) }}
{{- include "tbot-injector.problem" (list
  "webhook.clientCertificates.names"
  "nothing"
  "common names of the certificates that are let in, beside configMapName"
  "add names: [<common name of the API servers>], or remove configMapName"
) }}
{{- else if and .names (not .configMapName) }}
{{- include "tbot-injector.problem" (list
  "webhook.clientCertificates.configMapName"
  "nothing"
  "the ConfigMap whose ca.crt holds their CAs, beside names"
  "add configMapName, or remove names"
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

{{/* RBAC cannot cut the right to patch workloads any finer: without the guardrail it is a right to run as any account. */}}
{{- define "tbot-injector.checks.restarts" -}}
{{- with .Values.policies.guardrails }}
{{- if and $.Values.controller.workloadRestarts (not (and .enabled (has "Deny" .validationActions))) }}
{{- include "tbot-injector.problem" (list
  "controller.workloadRestarts"
  "true, while policies.guardrails deny nothing"
  "guardrails: the right to restart workloads is the right to change all of them, in every namespace"
  "set policies.guardrails.enabled: true and validationActions: [Deny], or controller.workloadRestarts: false"
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
