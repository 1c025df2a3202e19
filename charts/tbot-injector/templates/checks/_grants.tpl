{{/* Which namespaces a bot is granted to: src/config/check-namespaces.ts. */}}
{{- define "tbot-injector.checks.grants" -}}
{{- range $bot, $settings := .Values.bots }}
{{- $at := printf "bots.%s.namespaces" $bot }}
{{- $grant := $settings.namespaces }}
{{- $narrow := or (hasKey $grant "names") (hasKey $grant "selector") }}
{{- $accepted := hasKey $grant "acceptClusterWide" | ternary (toRawJson $grant.acceptClusterWide) "nothing" }}
{{- $quoted := include "tbot-injector.quoted" $grant }}
{{- if and $grant.all $narrow }}
{{- include "tbot-injector.problem" (list $at $quoted "all, or names and selector" "remove all, or remove the others") }}
{{- end }}
{{- if and $grant.all (not $grant.acceptClusterWide) }}
{{- include "tbot-injector.problem" (list
  (printf "%s.acceptClusterWide" $at)
  $accepted
  "true: every namespace that opts in gets all of the bot's roles"
  "add acceptClusterWide: true, or grant by names"
) }}
{{- end }}
{{- if and (not $grant.all) $grant.acceptClusterWide }}
{{- include "tbot-injector.problem" (list
  (printf "%s.acceptClusterWide" $at)
  $accepted
  "it beside all: true alone"
  "remove acceptClusterWide, or add all: true"
) }}
{{- end }}
{{- if not (or $grant.all $narrow) }}
{{- include "tbot-injector.problem" (list
  $at $quoted "names, selector, or all with acceptClusterWide" "add names: [<namespace>]"
) }}
{{- end }}
{{- range $index, $name := $grant.names }}
{{- if has $name (include "tbot-injector.neverInjected" $ | fromJsonArray) }}
{{- include "tbot-injector.problem" (list
  (printf "%s.names[%d]" $at $index) (quote $name) "a namespace that can be injected" (printf "remove %q" $name)
) }}
{{- end }}
{{- end }}
{{- if hasKey $grant "selector" }}
{{- include "tbot-injector.selectorProblems" (dict "root" $ "selector" $grant.selector "at" (printf "%s.selector" $at)) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "tbot-injector.selectorProblems" -}}
{{- if not (include "tbot-injector.chooses" .selector) }}
{{- include "tbot-injector.problem" (list
  .at
  (include "tbot-injector.quoted" .selector)
  "a condition that some opted-in namespaces meet and others do not: matchLabels, In or Exists"
  "add one, or write all: true with acceptClusterWide: true"
) }}
{{- end }}
{{- range $index, $expression := .selector.matchExpressions }}
{{- $count := len ($expression.values | default list) }}
{{- $wanted := has $expression.operator (list "In" "NotIn") }}
{{- if ne $wanted (gt $count 0) }}
{{- include "tbot-injector.problem" (list
  (printf "%s.matchExpressions[%d].values" $.at $index)
  (printf "%d values" $count)
  (printf "%s with %s" ($wanted | ternary "at least one value" "no values") $expression.operator)
  "correct the values"
) }}
{{- end }}
{{- end }}
{{- with .root.Values.policies.grantLabels }}
{{- if not (and .enabled (has "Deny" .validationActions)) }}
{{- include "tbot-injector.problem" (list
  $.at
  "a grant by labels, while policies.grantLabels denies nothing"
  "grants by names: every user who may set a Namespace's labels could take the credentials"
  "use names, or set policies.grantLabels.enabled: true and validationActions: [Deny]"
) }}
{{- end }}
{{- end }}
{{- end }}

{{/* "yes" where a selector holds a condition that not every opted-in namespace meets. */}}
{{- define "tbot-injector.chooses" -}}
{{- $opted := include "tbot-injector.key.injection" . }}
{{- range $key, $_ := .matchLabels }}{{ if ne $key $opted }}yes{{ end }}{{ end }}
{{- range .matchExpressions }}
{{- $exists := and (eq .operator "Exists") (ne .key "kubernetes.io/metadata.name") }}
{{- if and (ne .key $opted) (or (eq .operator "In") $exists) }}yes{{ end }}
{{- end }}
{{- end }}
