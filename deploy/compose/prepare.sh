#!/bin/sh
# Makes the secrets that are only ours, once; those of others (SendGrid, insurers) are put into their files by hand.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
for name in postgresql_password temporal_password owner_password writer_password reader_password; do
    [ -s "secrets/$name" ] || openssl rand -hex 24 | tr -d '\n' >"secrets/$name"
done
# One address of the register for each of its roles: who sets up, who works, who reads.
for role in owner writer reader; do
    [ -s "secrets/register_${role}_url" ] ||
        printf 'postgresql://complaints_%s:%s@postgresql:5432/complaints' "$role" "$(cat "secrets/${role}_password")" \
            >"secrets/register_${role}_url"
done
# The key that encrypts what Temporal keeps. Lose it, and no complaint under way can be read: keep a copy elsewhere.
[ -s secrets/complaints_encryption_secrets ] ||
    printf '{"k1": "%s"}' "$(openssl rand -hex 32)" >secrets/complaints_encryption_secrets
# Empty: not in use.
for name in complaints_sendgrid_api_key complaints_partner_secrets; do
    [ -e "secrets/$name" ] || : >"secrets/$name"
done
# The folder is closed to others on this machine; the containers, which are nobody here, are given the files one by one.
chmod 0700 secrets
chmod 0644 secrets/*
