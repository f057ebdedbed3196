# One image for every role: `docker run … quarry start --roles bedrock`. There is no build step: Node runs the sources.
#   docker build -t quarry .                    with the stand-in, the demo and the example, as docker-compose.yml has it
#   docker build --target runtime -t quarry .   what runs in production, and nothing else

# No scripts: nothing of a package runs here. Nothing optional: a Node for hosts without one, where the image below has its
# own, and the compiler, which npm counts among that, as it is an optional peer of a package.
FROM node:24.21.0-trixie-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

# Without a shell or a package manager. Its tags name no release of Node, so the digest says which one this is.
FROM gcr.io/distroless/nodejs24-debian13:nonroot@sha256:774b7d020b24214835769e24c3544835526cd0288f0b094eae48e8b2c2429a79 AS runtime
LABEL org.opencontainers.image.title="Quarry" \
      org.opencontainers.image.description="Runs Camunda 8's Amazon Bedrock connector at volume" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
WORKDIR /app
COPY --from=packages /app/node_modules node_modules/
COPY package.json LICENSE NOTICE THIRD-PARTY.md ./
COPY bin/quarry.js bin/
COPY src src/
COPY workers workers/

# All addresses, so that probes from outside the container reach /health.
ENV NODE_ENV=production \
    PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin \
    QUARRY_HOST=0.0.0.0 \
    QUARRY_PORT=9400
EXPOSE 9400
USER 65532:65532
STOPSIGNAL SIGTERM
# Liveness, not readiness: where unhealthy containers are restarted (Swarm), an outage of Redis must not end calls that are paid.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["/nodejs/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.QUARRY_PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node", "/app/bin/quarry.js"]
CMD ["start"]

# `quarry sim` and `quarry demo`, and the application that docker-compose.yml starts.
FROM runtime AS complete
COPY sim sim/
COPY embedded embedded/
COPY examples examples/
