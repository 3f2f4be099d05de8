#!/bin/sh
# Makes the secrets that are only ours, once; those of others (SendGrid, insurers) are put into their files by hand.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
for name in postgresql_password temporal_password register_password; do
    [ -s "secrets/$name" ] || openssl rand -hex 24 | tr -d '\n' >"secrets/$name"
done
[ -s secrets/complaints_register_url ] ||
    printf 'postgresql://register:%s@postgresql:5432/complaints' "$(cat secrets/register_password)" \
        >secrets/complaints_register_url
# Empty: not in use.
for name in complaints_sendgrid_api_key complaints_partner_secrets; do
    [ -e "secrets/$name" ] || : >"secrets/$name"
done
# The folder is closed to others on this machine; the containers, which are nobody here, are given the files one by one.
chmod 0700 secrets
chmod 0644 secrets/*
