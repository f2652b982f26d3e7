# A dashboard, or a computer that trains for one: docs/cluster.md, "In containers".
FROM python:3.11-slim

# torch's builds for the processor alone; for GPUs, build with --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu130
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

RUN useradd --create-home gencmp && install -d -o gencmp /runs
WORKDIR /app
COPY requirements.txt requirements-ray.txt ./
RUN pip install --no-cache-dir --extra-index-url "$TORCH_INDEX" -r requirements-ray.txt
COPY . .

# Ray's processes find gencmp from any folder
ENV PYTHONPATH=/app GENCMP_HOME=/runs RAY_AUTH_MODE=token
USER gencmp
VOLUME /runs
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "gencmp", "dashboard", "--headless", "--address", "0.0.0.0", "--port", "8501"]
