{{/* The first part of all names: the release, with "quarry" in it. */}}
{{- define "quarry.name" -}}
{{- if contains "quarry" .Release.Name -}}{{ .Release.Name | trunc 30 | trimSuffix "-" }}{{- else -}}{{ printf "%s-quarry" (.Release.Name | trunc 23 | trimSuffix "-") }}{{- end -}}
{{- end -}}

{{/* By which a role's pods are selected. Takes root and component. */}}
{{- define "quarry.selector" -}}
app.kubernetes.io/name: quarry
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- with .pool }}
quarry/pool: {{ .name }}
{{- with .region }}
quarry/region: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "quarry.labels" -}}
{{ include "quarry.selector" . }}
app.kubernetes.io/part-of: quarry
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}
