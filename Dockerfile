# The image of the pre-built webhook, of TypeScript tasks and of apps whose code is uploaded. See docs/deploy.md.
#
#   docker build --tag flyte-webhook .
#   docker run --rm --init -p 8080:8080 flyte-webhook \
#     flyte-webhook serve --endpoint https://flyte.example.com --project ml --domain production

ARG NODE_IMAGE=node:24-bookworm-slim

# Builds the package as it is published.
FROM ${NODE_IMAGE} AS package
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm pack --ignore-scripts --pack-destination /tmp && mkdir /package && tar -xzf /tmp/*.tgz -C /package --strip-components=1 && cp package-lock.json /package/

# Installs what it needs at run time, by the lock file.
FROM ${NODE_IMAGE} AS install
WORKDIR /opt/flyte-webhook
COPY --from=package /package ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="flyte-webhook" \
      org.opencontainers.image.description="HTTP in front of a Flyte 2 control plane, and the runtime of TypeScript tasks and apps" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=install /opt/flyte-webhook /opt/flyte-webhook
RUN ln -s /opt/flyte-webhook/dist/cli.js /usr/local/bin/flyte-webhook && \
    ln -s /opt/flyte-webhook/dist/tasks/runtime/main.js /usr/local/bin/flyte-task && \
    ln -s /opt/flyte-webhook/dist/app/runtime/main.js /usr/local/bin/flyte-app
# All addresses of the container, which nobody reaches unless its port is published.
ENV NODE_ENV=production \
    FLYTE_APP_HOST=0.0.0.0
WORKDIR /app
# The user node, by numbers, so that a cluster sees that it is not root.
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8080}/health`, { signal: AbortSignal.timeout(4000) }).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Without an entrypoint, what a container is given is what it runs: flyte-webhook, flyte-task or flyte-app.
ENTRYPOINT []
CMD ["flyte-webhook", "serve"]
