# syntax=docker/dockerfile:1

# A digest, such as `sha256:...`, makes a build repeatable to the byte; the tag alone follows security updates.
ARG BUILD_IMAGE_DIGEST=""
ARG RUNTIME_IMAGE_DIGEST=""

FROM node:24-bookworm-slim${BUILD_IMAGE_DIGEST:+@$BUILD_IMAGE_DIGEST} AS manifests
WORKDIR /app
COPY package.json package-lock.json ./

# Install scripts stay off: the one that matters in development fetches a Node, and here is one already.
FROM manifests AS build
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

FROM manifests AS production
RUN npm ci --omit=dev --ignore-scripts

FROM gcr.io/distroless/nodejs24-debian12:nonroot${RUNTIME_IMAGE_DIGEST:+@$RUNTIME_IMAGE_DIGEST}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="tbot-injector" \
      org.opencontainers.image.description="Teleport Machine & Workload Identity for every opted-in namespace of a cluster" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
WORKDIR /app
# Owned by root and never written to, so that the root file system can be read-only.
COPY package.json ./
COPY --from=production /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# By number: `runAsNonRoot` cannot judge a name.
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "/app/dist/main.js"]
CMD ["webhook"]
