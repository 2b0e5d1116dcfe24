# Farsow as one image: `farsow serve` by default, `farsow worker` for more hands.
FROM python:3.13-slim AS packages
COPY requirements/runtime.lock /tmp/
RUN python -m venv /opt/farsow \
    && /opt/farsow/bin/pip install --no-cache-dir --no-deps --require-hashes -r /tmp/runtime.lock

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home farsow && install -d -o farsow -g farsow -m 700 /data
COPY --from=packages /opt/farsow /opt/farsow
WORKDIR /app
COPY LICENSE ./
COPY alembic ./alembic
COPY seeds ./seeds
COPY templates ./templates
COPY service ./service
# The checkout runs as it is; this gives it its name.
RUN printf '#!/bin/sh\nexec python -m service "$@"\n' > /usr/local/bin/farsow && chmod 755 /usr/local/bin/farsow
ENV PATH=/opt/farsow/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 FARSOW_DATA_DIR=/data
USER farsow
VOLUME /data
EXPOSE 8000
# Asked under the public host: requests for another one are refused.
HEALTHCHECK --interval=15s --timeout=4s --start-period=30s CMD ["python", "-c", "import os, urllib.parse, urllib.request as web; web.urlopen(web.Request('http://127.0.0.1:8000/healthz', headers={'Host': urllib.parse.urlsplit(os.environ['FARSOW_PUBLIC_URL']).netloc}), timeout=3)"]
CMD ["farsow", "serve", "--host", "0.0.0.0", "--migrate"]
