{{/* The chart's name in labels. */}}
{{- define "tenantry.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end -}}

{{/* What the names of the release's objects begin with. */}}
{{- define "tenantry.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{- $name := include "tenantry.name" . -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The labels by which a Service finds the pods; they never change. */}}
{{- define "tenantry.selector" -}}
app.kubernetes.io/name: {{ include "tenantry.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tenantry.labels" -}}
{{ include "tenantry.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: tenantry
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* What the names of the objects of the pages begin with. */}}
{{- define "tenantry.webName" -}}
{{ include "tenantry.fullname" . }}-web
{{- end -}}

{{/* The labels by which a Service finds the pods of the pages; no other Service or Deployment finds them. */}}
{{- define "tenantry.webSelector" -}}
app.kubernetes.io/name: {{ include "tenantry.name" . }}-web
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tenantry.webLabels" -}}
{{ include "tenantry.webSelector" . }}
app.kubernetes.io/component: web
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: tenantry
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The namespace of the Secrets of the pages. */}}
{{- define "tenantry.webNamespace" -}}
{{- if eq .Values.web.namespace .Release.Namespace -}}
{{- fail "web.namespace is the release's namespace; the Secrets of the pages need one of their own" -}}
{{- end -}}
{{ .Values.web.namespace | default (printf "%s-web" .Release.Namespace) }}
{{- end -}}

{{/* What the pages know of sign-in, as JSON: the values, with files in the place of Secrets and ConfigMaps. */}}
{{- define "tenantry.signIn" -}}
{{- $providers := list -}}
{{- range .Values.signIn.providers -}}
{{- $folder := printf "/etc/tenantry/sign-in/%s" .id -}}
{{- $provider := omit . "bindPWSecret" "clientSecretRef" "rootCA" -}}
{{- with .bindPWSecret -}}
{{- $provider = set $provider "bindPWFile" (printf "%s/bindPW" $folder) -}}
{{- end -}}
{{- with .clientSecretRef -}}
{{- $provider = set $provider "clientSecretFile" (printf "%s/clientSecret" $folder) -}}
{{- end -}}
{{- with .rootCA -}}
{{- $provider = set $provider "rootCA" (printf "%s/ca.crt" $folder) -}}
{{- end -}}
{{- $providers = append $providers $provider -}}
{{- end -}}
{{- $root := ternary (dict "root" (omit .Values.signIn.root "enabled")) (dict) .Values.signIn.root.enabled -}}
{{- merge (dict "session" .Values.signIn.session "providers" $providers) $root | toJson -}}
{{- end -}}

{{/* The ServiceAccount's user name, for policies that let the operator do what nobody else may. */}}
{{- define "tenantry.user" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "tenantry.fullname" . }}
{{- end -}}

{{/* The tenant roles of the chart, by what follows the prefix. Admins are bound to the first two, those with granted access to the third, all of them to the fourth while the tenant is suspended; sub-admins to what plans offer. */}}
{{- define "tenantry.ownRoles" -}}
tenant-admin msp-admin tenant-granted tenant-reader tenant-developer tenant-support tenant-viewer
{{- end -}}

{{/* The names of all ClusterRoles that the operator may bind, as a JSON list. */}}
{{- define "tenantry.bindableRoles" -}}
{{- $names := list -}}
{{- range splitList " " (include "tenantry.ownRoles" .) -}}
{{- $names = append $names (printf "%s-%s" (include "tenantry.fullname" $) .) -}}
{{- end -}}
{{- concat $names .Values.settings.bindableRoles | uniq | toJson -}}
{{- end -}}

{{- define "tenantry.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{/* The host name in settings.publicUrl. */}}
{{- define "tenantry.publicHost" -}}
{{ (urlParse .Values.settings.publicUrl).hostname }}
{{- end -}}

{{/* The annotations of objects of our own kinds: see defaults.yaml. */}}
{{- define "tenantry.lateAnnotations" -}}
helm.sh/resource-policy: keep
meta.helm.sh/release-name: {{ .Release.Name }}
meta.helm.sh/release-namespace: {{ .Release.Namespace }}
{{- if not (.Capabilities.APIVersions.Has "tenantry.dev/v1alpha1/TenantPlan") }}
helm.sh/hook: post-install,post-upgrade
helm.sh/hook-delete-policy: hook-failed
{{- end }}
{{- end -}}
