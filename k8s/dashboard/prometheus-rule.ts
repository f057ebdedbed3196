// The alert rules as a custom resource of the Prometheus operator. Pure.

const HEAD = `# Made by \`npm run monitoring\` from quarry-alerts.yaml: change it there.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: quarry
  labels:
    app.kubernetes.io/name: quarry
    app.kubernetes.io/part-of: quarry
spec:
`

/**
 * The custom resource with the same groups.
 * @param alerts - the text of a rules file of Prometheus, whose first key is `groups`.
 */
export function prometheusRule(alerts: string): string {
  const groups = alerts.slice(alerts.indexOf('groups:'))
  return `${HEAD}${groups.replaceAll(/^(?=.)/gm, '  ')}`
}
