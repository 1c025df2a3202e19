{{/*
How a bot proves itself to Teleport, for the notes. Where it is a cloud's word, the annotation on its ServiceAccount
says which account of the cloud it is.
*/}}
{{- define "tbot-injector.cloudAnnotation" -}}
{{- get (dict "iam" "eks.amazonaws.com/role-arn" "gcp" "iam.gke.io/gcp-service-account") . }}
{{- end }}

{{/* What the join token of a bot in Teleport has to allow: one line. Call as tbot-injector.botName. */}}
{{- define "tbot-injector.allow" -}}
{{- $method := (get .root.Values.bots .bot).join.method }}
{{- $account := (include "tbot-injector.botDeployment" . | fromJson).serviceAccount }}
{{- $identity := get $account.annotations (include "tbot-injector.cloudAnnotation" $method) }}
{{- if eq $method "kubernetes" -}}
spec.kubernetes.allow: [{service_account: "{{ .root.Release.Namespace }}:{{ include "tbot-injector.botServiceAccount" . }}"}]
{{- else if and (eq $method "iam") (regexMatch "^arn:aws[a-z-]*:iam::[0-9]+:role/.+$" $identity) -}}
{{- $parts := splitList ":" $identity -}}
spec.allow: [{aws_account: "{{ index $parts 4 }}", aws_arn: "arn:{{ index $parts 1 }}:sts::{{ index $parts 4 }}:assumed-role/{{ splitList "/" $identity | last }}/*"}]
{{- else if and (eq $method "gcp") (regexMatch "^[^@]+@[^.]+[.]iam[.]gserviceaccount[.]com$" $identity) -}}
spec.gcp.allow: [{project_ids: ["{{ splitList "@" $identity | last | splitList "." | first }}"], service_accounts: ["{{ $identity }}"]}]
{{- else -}}
the account of the cloud that service account {{ .root.Release.Namespace }}:{{ include "tbot-injector.botServiceAccount" . }} has
{{- end }}
{{- end }}

{{/* Warns of a bot that would join as its node. Call as tbot-injector.botName. */}}
{{- define "tbot-injector.joinWarning" -}}
{{- $method := (get .root.Values.bots .bot).join.method }}
{{- $account := (include "tbot-injector.botDeployment" . | fromJson).serviceAccount }}
{{- $annotation := include "tbot-injector.cloudAnnotation" $method }}
{{- if and $annotation $account.create (not (get $account.annotations $annotation)) -}}
bots.{{ .bot }} joins by {{ $method }}, and its ServiceAccount has no annotation {{ $annotation }}: unless the cloud gives it an account in another way, tbot proves itself as its node, as every pod there can. Set bots.{{ .bot }}.deployment.serviceAccount.annotations.
{{- end }}
{{- end }}
