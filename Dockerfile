# Node runs the TypeScript as it is: nothing is compiled, the image holds the sources and what they import.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The scripts of packages do not run: none that is shipped needs them.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM gcr.io/distroless/nodejs24-debian12:nonroot
LABEL org.opencontainers.image.title="Tenantry" \
      org.opencontainers.image.description="A Kubernetes operator that gives each tenant a namespace and a PostgreSQL database of its own, and invites its admins by e-mail." \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY operator ./operator
# The numeric form, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 8080 8081
# A small young generation: caches live long, and garbage is collected before the process grows (docs/decisions/0002-reflector.md).
CMD ["--max-semi-space-size=4", "operator/main.ts"]
