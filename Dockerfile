# The bot as an image: `docker build -t trunk-bot .`; docs/operating.md says how to run it.

FROM python:3.13-slim AS packages
WORKDIR /app
RUN python -m venv /opt/venv
COPY requirements.txt .
# Every file is compared with its hash; pip itself stays in this stage.
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
 && /opt/venv/bin/pip uninstall --yes --quiet pip

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home trunk && install --directory --owner trunk --mode 0700 /data
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY bot bot
COPY handlers handlers
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DATABASE_URL=sqlite:////data/trunk-bot.db
USER 10001
VOLUME /data
EXPOSE 3000
# Whether it lives; whether it can be used is for readiness probes (/readyz).
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open(f'http://127.0.0.1:{os.environ.get(\"PORT\", 3000)}/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "bot"]
