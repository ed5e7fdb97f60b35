# src/mime: see ../../docs/architecture.md
