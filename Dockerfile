# One image for each process: docker build --build-arg PACKAGE=@tandem/activities-api --build-arg FOLDER=services/activities-api .
# Sources run as they are (Node strips the types), so the image holds the workspace and its production dependencies.
# NODE_IMAGE by its digest is for what is deployed: see deploy/compose/pinned.yml.
ARG NODE_IMAGE=node:24-bookworm-slim
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name package.json ! -name 'pnpm-*.yaml' -delete

# The installation is kept until a manifest changes.
FROM ${NODE_IMAGE} AS dependencies
ARG PACKAGE
WORKDIR /app
COPY --from=manifests /app ./
RUN npx -y pnpm@10.34.9 install --prod --frozen-lockfile --filter "${PACKAGE}..."

FROM ${NODE_IMAGE} AS process
ARG FOLDER
# A first start, while the image is built, leaves its compiled code there, and each later one takes less processor time. V8
# takes code only with the flags that it was compiled with; where it cannot, or nothing is there, Node compiles again.
ENV NODE_COMPILE_CACHE=/app/compiled
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app ./
COPY packages ./packages
COPY services ./services
# A volume mounted here takes over this owner, so that the process may write without being root.
RUN mkdir -p /data compiled && chown node:node /data compiled && chmod 700 /data
USER node
WORKDIR /app/${FOLDER}

# The explorer by itself, with the options of `trace-explorer`: docker build --target explorer
# --build-arg PACKAGE=@tandem/trace-explorer --build-arg FOLDER=packages/trace-explorer --tag trace-explorer .
# docker run -p 127.0.0.1:4319:4319 -p 127.0.0.1:4318:4318 -p 127.0.0.1:4317:4317 -v traces:/data trace-explorer
FROM process AS explorer
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=8388608 MALLOC_MMAP_THRESHOLD_=262144
EXPOSE 4319 4318 4317
RUN DATA_DIR=/tmp/first timeout 20 node --max-semi-space-size=8 src/main.ts; rm -rf /tmp/first
ENTRYPOINT ["node", "--max-semi-space-size=8", "src/main.ts"]

FROM process
RUN DATA_DIR=/tmp/first PORT=0 OTEL_SERVICE_NAME=first timeout 20 \
    node --no-allocation-site-pretenuring --import @tandem/service-kit/register src/main.ts; rm -rf /tmp/first
# The argument --seed adds demo data. The flag of V8 saves a traced request 4 % of its processor time,
# and 12 % at full load (benchmarks/results/pair.json, docs/adr/0013-own-spans.md).
ENTRYPOINT ["node", "--no-allocation-site-pretenuring", "--import", "@tandem/service-kit/register", "src/main.ts"]
