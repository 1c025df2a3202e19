{{/* The keys that each type of output writes: the table of src/teleport/output-types.ts. A test compares them. */}}
{{- define "tbot-injector.policies.outputKeys" -}}
{{- $identity := list "key" "key.pub" "key-cert.pub" "tlscert" "identity" }}
{{- $base := dict "keys" (concat $identity (list "teleport-host-ca.crt" "teleport-user-ca.crt" "teleport-database-ca.crt")) }}
{{- $kubeconfig := dict "keys" (concat $identity (list "kubeconfig.yaml" "teleport-host-ca.crt")) }}
{{- $tls := list "tls.crt" "tls.key" "tls.cas" }}
{{- $mongo := list "mongo.crt" "mongo.cas" }}
{{- $svid := list "svid.pem" "svid_key.pem" "svid_bundle.pem" }}
{{- $host := list "ssh_host" "ssh_host-cert.pub" "ssh_host-user-ca.pub" }}
{{- $types := dict }}
{{- $_ := set $types "identity" (list $base (dict "keys" (list "known_hosts") "when" (dict "field" "ssh_config" "is" (list "on" true) "orAbsent" true))) }}
{{- $_ := set $types "application" (list $base (dict "keys" $tls "when" (dict "field" "specific_tls_naming" "is" (list true)))) }}
{{- $_ := set $types "database" (list $base (dict "keys" $tls "when" (dict "field" "format" "is" (list "tls"))) (dict "keys" $mongo "when" (dict "field" "format" "is" (list "mongo")))) }}
{{- $_ := set $types "kubernetes" (list $kubeconfig) }}
{{- $_ := set $types "kubernetes/v2" (list $kubeconfig) }}
{{- $_ := set $types "ssh_host" (list (dict "keys" $host)) }}
{{- $_ := set $types "workload-identity-x509" (list (dict "keys" $svid)) }}
{{- $_ := set $types "workload-identity-jwt" (list (dict "keys" (list "jwt_svid"))) }}
{{- $_ := set $types "workload-identity-aws-roles-anywhere" (list (dict "keys" (list "aws_credentials") "renamedBy" "artifact_name")) }}
{{- $types | toJson }}
{{- end }}

{{/* Keys that an output writes at every renewal, those that its pods wait for: a JSON list. Call with the output's settings. */}}
{{- define "tbot-injector.policies.requiredKeys" -}}
{{- $fields := .tbot | default dict }}
{{- $keys := list }}
{{- range $rule := get (include "tbot-injector.policies.outputKeys" . | fromJson) (toString $fields.type) }}
{{- $holds := true }}
{{- with $rule.when }}
{{- $value := get $fields .field }}
{{- $isAbsent := or (not (hasKey $fields .field)) (kindIs "invalid" $value) }}
{{- $holds = ternary (default false .orAbsent) (has $value .is) $isAbsent }}
{{- end }}
{{- $name := get $fields (default "" $rule.renamedBy) }}
{{- if $holds }}{{ $keys = concat $keys (ternary $rule.keys (list $name) (empty $name)) }}{{ end }}
{{- end }}
{{- .requiredKeys | default $keys | toJson }}
{{- end }}
