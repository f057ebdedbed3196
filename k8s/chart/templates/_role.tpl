{{/*
The Deployment of a role and its PodDisruptionBudget. Takes root, component, name, replicas (none: an autoscaler sets it), graceSeconds (how long it
may take to stop), shutdownGrace (of which running calls get so much), resources, secrets (names), pool (of workers).
*/}}
{{- define "quarry.role" -}}
{{- $root := .root -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .name }}
  labels:
    {{- include "quarry.labels" . | nindent 4 }}
spec:
  {{- if hasKey . "replicas" }}
  replicas: {{ .replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "quarry.selector" . | nindent 6 }}
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  template:
    metadata:
      labels:
        {{- include "quarry.selector" . | nindent 8 }}
        app.kubernetes.io/part-of: quarry
      annotations:
        # A change of the settings causes a rollout.
        quarry/settings: {{ toJson $root.Values.settings | sha256sum | trunc 16 | quote }}
    spec:
      serviceAccountName: {{ printf "%s-%s" (include "quarry.name" $root) .component }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- with $root.Values.image.pullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      terminationGracePeriodSeconds: {{ .graceSeconds }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        fsGroup: 65532
        seccompProfile: { type: RuntimeDefault }
      topologySpreadConstraints:
        {{- $selector := include "quarry.selector" . }}
        {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - topologyKey: {{ . }}
          maxSkew: 1
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- $selector | nindent 14 }}
        {{- end }}
      containers:
        - name: quarry
          image: "{{ $root.Values.image.repository }}:{{ default $root.Chart.AppVersion $root.Values.image.tag }}"
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: [start]
          envFrom:
            - configMapRef: { name: {{ include "quarry.name" $root }}-settings }
          env:
            # The Secrets as files: everybody who may describe the pod, or runs in it, can read its environment.
            - { name: QUARRY_ENV_DIR, value: /etc/quarry/env }
            # A variable and not a flag of `start`, so that `quarry doctor` in the pod knows its role, too.
            - { name: QUARRY_ROLES, value: {{ .component }} }
            - { name: QUARRY_SHUTDOWN_GRACE, value: {{ .shutdownGrace }} }
            {{- with .pool }}
            {{- with .region }}
            - { name: QUARRY_REGIONS, value: {{ . }} }
            {{- end }}
            {{- end }}
          ports:
            - { name: http, containerPort: 9400, protocol: TCP }
          # Liveness does not depend on Redis or Zeebe: a restart would not bring them back.
          startupProbe:
            httpGet: { path: /health/live, port: http }
            periodSeconds: 2
            failureThreshold: 30
          livenessProbe:
            httpGet: { path: /health/live, port: http }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /health/ready, port: http }
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 3
          # No CPU limit: throttling by the kernel would delay leases and pace.
          resources:
            {{- toYaml .resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
            # A folder, not a subPath, so that changes arrive without a restart.
            - { name: lanes, mountPath: /etc/quarry/lanes, readOnly: true }
            - { name: secrets, mountPath: /etc/quarry/env, readOnly: true }
      volumes:
        # Node caches compiled code there, about 10 MB.
        - name: tmp
          emptyDir: { sizeLimit: 64Mi }
        - name: lanes
          configMap: { name: {{ include "quarry.name" $root }}-lanes }
        - name: secrets
          projected:
            # Octal 440: readable by the container's user through its group.
            defaultMode: 288
            sources:
              {{- range .secrets }}
              - secret: { name: {{ . }} }
              {{- end }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  labels:
    {{- include "quarry.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "quarry.selector" . | nindent 6 }}
{{- end -}}
