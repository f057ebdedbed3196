// The images that run in containers: the same as in docker-compose.yml (test/deploy holds that).

/** Engine and REST API of Camunda. */
export const CAMUNDA_IMAGE = 'camunda/camunda:8.9.17'
export const REDIS_IMAGE = 'redis:7.4.6-alpine'

/** Camunda's ports in the container. */
export const CAMUNDA_PORTS = { grpc: 26500, rest: 8080, management: 9600 }
export const REDIS_PORT = 6379

/** One engine on an H2 database of its own, its API open, as Camunda's compose file for developers has it. */
export const CAMUNDA_SETTINGS = {
  CAMUNDA_DATA_SECONDARYSTORAGE_TYPE: 'rdbms',
  CAMUNDA_DATA_SECONDARYSTORAGE_RDBMS_URL: 'jdbc:h2:file:./camunda-data/h2db',
  CAMUNDA_DATA_SECONDARYSTORAGE_RDBMS_USERNAME: 'sa',
  CAMUNDA_DATA_SECONDARYSTORAGE_RDBMS_PASSWORD: '',
  CAMUNDA_SECURITY_AUTHENTICATION_METHOD: 'basic',
  CAMUNDA_SECURITY_AUTHENTICATION_UNPROTECTEDAPI: 'true',
  CAMUNDA_SECURITY_AUTHORIZATIONS_ENABLED: 'false',
}
