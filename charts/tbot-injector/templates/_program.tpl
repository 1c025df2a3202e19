{{/* Written by `npm run docs` from the tables in src; edit those, and tools/chart-templates.ts. */}}

{{/* Keys of annotations and labels. */}}
{{- define "tbot-injector.key.injection" -}}tbot-injector.io/injection{{- end }}
{{- define "tbot-injector.key.outputs" -}}tbot-injector.io/outputs{{- end }}
{{- define "tbot-injector.key.containers" -}}tbot-injector.io/containers{{- end }}
{{- define "tbot-injector.key.join" -}}tbot-injector.io/join{{- end }}
{{- define "tbot-injector.key.tbot-config" -}}tbot-injector.io/tbot-config{{- end }}
{{- define "tbot-injector.key.injected" -}}tbot-injector.io/injected{{- end }}
{{- define "tbot-injector.key.restart-every" -}}tbot-injector.io/restart-every{{- end }}
{{- define "tbot-injector.key.bot" -}}tbot-injector.io/bot{{- end }}
{{- define "tbot-injector.key.output" -}}tbot-injector.io/output{{- end }}
{{- define "tbot-injector.key.config-hash" -}}tbot-injector.io/config-hash{{- end }}
{{- define "tbot-injector.key.restarted-at" -}}tbot-injector.io/restarted-at{{- end }}

{{/* Names of objects, as src/controller/names.ts makes them. */}}
{{- define "tbot-injector.webhookName" -}}{{ include "tbot-injector.fullname" . }}-webhook{{- end }}
{{- define "tbot-injector.controllerName" -}}{{ include "tbot-injector.fullname" . }}-controller{{- end }}
{{- define "tbot-injector.configName" -}}{{ include "tbot-injector.fullname" . }}-config{{- end }}
{{- define "tbot-injector.statusName" -}}{{ include "tbot-injector.fullname" . }}-status{{- end }}
{{- define "tbot-injector.caSecretName" -}}{{ include "tbot-injector.fullname" . }}-ca{{- end }}
{{- define "tbot-injector.ownServingSecretName" -}}{{ include "tbot-injector.fullname" . }}-webhook-tls{{- end }}

{{/* Everything else; lists and maps are JSON. */}}
{{- define "tbot-injector.program.keyPrefix" -}}tbot-injector.io/{{- end }}
{{- define "tbot-injector.program.apiGroup" -}}tbot-injector.io{{- end }}
{{- define "tbot-injector.program.injectionEnabled" -}}enabled{{- end }}
{{- define "tbot-injector.program.neverInjected" -}}["kube-system"]{{- end }}
{{- define "tbot-injector.program.podAnnotations" -}}["tbot-injector.io/outputs","tbot-injector.io/containers","tbot-injector.io/join","tbot-injector.io/tbot-config","tbot-injector.io/injected"]{{- end }}
{{- define "tbot-injector.program.managedByLabel" -}}app.kubernetes.io/managed-by{{- end }}
{{- define "tbot-injector.program.manager" -}}tbot-injector{{- end }}
{{- define "tbot-injector.program.restartableKinds" -}}["Deployment","StatefulSet","DaemonSet"]{{- end }}
{{- define "tbot-injector.program.rolloutRestartedAt" -}}kubectl.kubernetes.io/restartedAt{{- end }}
{{- define "tbot-injector.program.mountRoot" -}}/var/run/teleport{{- end }}
{{- define "tbot-injector.program.ignoreContainers" -}}["istio-proxy","linkerd-proxy"]{{- end }}
{{- define "tbot-injector.program.joinTokenSeconds" -}}600{{- end }}
{{- define "tbot-injector.program.secretPrefix" -}}tbot-{{- end }}
{{- define "tbot-injector.program.defaultTtl" -}}1h{{- end }}
{{- define "tbot-injector.program.defaultRenewal" -}}20m{{- end }}
{{- define "tbot-injector.program.healthPort" -}}8080{{- end }}
{{- define "tbot-injector.program.diagnosticsPort" -}}3001{{- end }}
{{- define "tbot-injector.program.caLifetimeDays" -}}365{{- end }}
{{- define "tbot-injector.program.servingLifetimeDays" -}}30{{- end }}
{{- define "tbot-injector.program.metrics" -}}{
"admissions": "tbot_injector_admissions_total",
"admissionDuration": "tbot_injector_admission_duration_seconds",
"inFlightAdmissions": "tbot_injector_in_flight_admissions",
"admissionsByNamespace": "tbot_injector_admissions_by_namespace_total",
"certificateExpiry": "tbot_injector_certificate_expiry_timestamp_seconds",
"certificateFaults": "tbot_injector_certificate_faults_total",
"configProblems": "tbot_injector_config_problems",
"configCurrent": "tbot_injector_config_current",
"informerLastContact": "tbot_injector_informer_last_contact_timestamp_seconds",
"informerRestarts": "tbot_injector_informer_restarts_total",
"leader": "tbot_injector_leader",
"certificateRotations": "tbot_injector_certificate_rotations_total",
"caBundleWrites": "tbot_injector_ca_bundle_writes_total",
"reconcileErrors": "tbot_injector_reconcile_errors_total",
"credentials": "tbot_injector_credentials",
"unhealthyCredentials": "tbot_injector_unhealthy_credentials",
"failingCredentials": "tbot_injector_failing_credentials",
"tbotReachable": "tbot_injector_tbot_reachable",
"uninjectedPods": "tbot_injector_uninjected_pods",
"podsWithRevokedCredentials": "tbot_injector_pods_with_revoked_credentials",
"workloadRestarts": "tbot_injector_workload_restarts_total",
"unrestartableWorkloads": "tbot_injector_unrestartable_workloads",
"tbotRestarts": "tbot_injector_tbot_restarts_total",
"clockAhead": "tbot_injector_clock_ahead_seconds",
"buildInfo": "tbot_injector_build_info"
}{{- end }}
{{- define "tbot-injector.program.outputKeys" -}}{
"identity": [{"keys":["key","key.pub","key-cert.pub","tlscert","identity","teleport-host-ca.crt","teleport-user-ca.crt","teleport-database-ca.crt"]},{"keys":["known_hosts"],"when":{"field":"ssh_config","is":["on",true],"orAbsent":true}}],
"application": [{"keys":["key","key.pub","key-cert.pub","tlscert","identity","teleport-host-ca.crt","teleport-user-ca.crt","teleport-database-ca.crt"]},{"keys":["tls.crt","tls.key","tls.cas"],"when":{"field":"specific_tls_naming","is":[true]}}],
"database": [{"keys":["key","key.pub","key-cert.pub","tlscert","identity","teleport-host-ca.crt","teleport-user-ca.crt","teleport-database-ca.crt"]},{"keys":["tls.crt","tls.key","tls.cas"],"when":{"field":"format","is":["tls"]}},{"keys":["mongo.crt","mongo.cas"],"when":{"field":"format","is":["mongo"]}}],
"kubernetes": [{"keys":["key","key.pub","key-cert.pub","tlscert","identity","kubeconfig.yaml","teleport-host-ca.crt"]}],
"kubernetes/v2": [{"keys":["key","key.pub","key-cert.pub","tlscert","identity","kubeconfig.yaml","teleport-host-ca.crt"]}],
"ssh_host": [{"keys":["ssh_host","ssh_host-cert.pub","ssh_host-user-ca.pub"]}],
"workload-identity-x509": [{"keys":["svid.pem","svid_key.pem","svid_bundle.pem"]}],
"workload-identity-jwt": [{"keys":["jwt_svid"]}],
"workload-identity-aws-roles-anywhere": [{"keys":["aws_credentials"],"renamedBy":"artifact_name"}]
}{{- end }}
