# src/render: see ../../docs/architecture.md
