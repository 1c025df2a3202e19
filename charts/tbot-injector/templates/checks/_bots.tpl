{{/* What tbot itself refuses of its durations: src/teleport/bot-fields.ts. */}}
{{- define "tbot-injector.checks.bots" -}}
{{- $ttlDefault := include "tbot-injector.program.defaultTtl" . }}
{{- $renewalDefault := include "tbot-injector.program.defaultRenewal" . }}
{{- range $bot, $settings := .Values.bots }}
{{- $at := printf "bots.%s.tbot" $bot }}
{{- $fields := $settings.tbot | default dict }}
{{- $ttl := include "tbot-injector.seconds" ($fields.credential_ttl | default $ttlDefault) | float64 }}
{{- $renewal := include "tbot-injector.seconds" ($fields.renewal_interval | default $renewalDefault) | float64 }}
{{- $wrongTtl := or (le $ttl 0.0) (gt $ttl 86400.0) }}
{{- if $wrongTtl }}
{{- include "tbot-injector.problem" (list
  (printf "%s.credential_ttl" $at)
  (include "tbot-injector.quoted" $fields.credential_ttl)
  "a duration above 0 and at most 24h, such as 1h"
  "correct credential_ttl"
) }}
{{- end }}
{{- if le $renewal 0.0 }}
{{- include "tbot-injector.problem" (list
  (printf "%s.renewal_interval" $at)
  (include "tbot-injector.quoted" $fields.renewal_interval)
  "a duration above 0, such as 20m"
  "correct renewal_interval"
) }}
{{- else if and (not $wrongTtl) (ge $renewal $ttl) }}
{{- include "tbot-injector.problem" (list
  (printf "%s.renewal_interval" $at)
  ($fields.renewal_interval | empty | ternary "nothing" (include "tbot-injector.quoted" $fields.renewal_interval))
  (printf "a duration (default %s) shorter than credential_ttl (default %s)" $renewalDefault $ttlDefault)
  ($fields.renewal_interval | empty | ternary "add a renewal_interval, such as a third of credential_ttl" "correct renewal_interval")
) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Seconds of a Go duration such as 1h30m. */}}
{{- define "tbot-injector.seconds" -}}
{{- $units := dict "ns" 1e-9 "us" 1e-6 "µs" 1e-6 "μs" 1e-6 "ms" 1e-3 "s" 1.0 "m" 60.0 "h" 3600.0 }}
{{- $seconds := 0.0 }}
{{- range regexFindAll "[0-9.]+[a-zµμ]+" . -1 }}
{{- $unit := regexFind "[a-zµμ]+$" . }}
{{- $seconds = addf $seconds (mulf (trimSuffix $unit . | float64) (get $units $unit)) }}
{{- end }}
{{- printf "%.9f" $seconds }}
{{- end }}
