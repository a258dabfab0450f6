# The build: everything that compiles and generates. No script of a package runs: the one that is needed elsewhere makes
# the embedded database, which isn't in the image.
FROM node:24.21.0-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --omit=optional

# The service: no compiler, no embedded database (DATABASE_URL names one), not root. It writes to /data alone.
FROM node:24.21.0-slim
ENV NODE_ENV=production PODGATE_HOST=0.0.0.0 PODGATE_DATA_DIR=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data && ln -s /app/dist/src/cli/main.js /usr/local/bin/podgate
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist/src dist/src
COPY --from=build /app/dist/graphiql dist/graphiql
COPY --from=build /app/prisma prisma
COPY --from=build /app/package.json /app/schema.graphql ./
USER node
VOLUME /data
EXPOSE 8080 8443
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PODGATE_PORT || 8080}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/main.js"]
