// What Camunda's Helm charts 8.8 and 8.9 (camunda/camunda-platform-helm, folder charts/, November 2026) do with
// `connectors.image`: facts about their Deployment of the connectors, that Quarry has to fit.

/** `connectors.service.serverPort`, which the container and its probes have as port `http`. */
export const PORT = 8080

/** The paths of the probes, the readiness probe the only one that is on by default; and what a ServiceMonitor reads. */
export const PATHS = {
  readiness: '/actuator/health/readiness',
  startup: '/actuator/health/readiness',
  liveness: '/actuator/health/liveness',
  metrics: '/actuator/prometheus',
} as const

/** Seconds that the readiness probe waits for an answer. */
export const PROBE_TIMEOUT_SECONDS = 1

/** The charts set no terminationGracePeriodSeconds. */
export const TERMINATION_SECONDS = 30

/** Variables that the charts themselves set, by the release `camunda`, in the cases in which they do. */
export const ENVIRONMENT = {
  // global.license
  CAMUNDA_LICENSE_KEY: 'license',
  // authentication by OIDC
  VALUES_CAMUNDA_IDENTITY_CLIENT_SECRET: 'one-of-the-chart',
  // 8.8: a ConfigMap for document stores, by envFrom
  DOCUMENT_DEFAULT_STORE_ID: 'inmemory',
} as const
