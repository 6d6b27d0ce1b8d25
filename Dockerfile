FROM node:22-bookworm-slim AS editor
WORKDIR /src/editor-web
COPY editor-web/package.json editor-web/package-lock.json ./
RUN npm install --no-save --no-audit --no-fund
COPY editor-web ./
COPY tests/golden /src/tests/golden
RUN npm run build

FROM python:3.12-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends libgl1 libegl1 libfontconfig1 bubblewrap espeak-ng \
 && rm -rf /var/lib/apt/lists/* && useradd --system --uid 10001 --home /data cutroom && mkdir /data && chown cutroom /data
WORKDIR /app
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY backend backend
COPY cli cli
COPY exporter exporter
COPY kit kit
COPY migrations migrations
COPY timeline timeline
RUN pip install --no-cache-dir uv==0.13.8 && uv sync --locked --no-editable
COPY --from=editor /src/editor-web/dist editor-web/dist
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER cutroom
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["cutroom"]
CMD ["up", "--host", "0.0.0.0", "--data", "/data"]
