-- The register's database and its three roles. An administrator runs it, on the first day or again (then it sets the
-- passwords anew, and changes nothing else):
--   psql --set owner_password=… --set writer_password=… --set reader_password=… --file roles.sql postgres
-- complaints_owner   owns the tables: `complaints setup` migrates as it, and gives the others what they may
-- complaints_writer  worker and door: reads, adds, changes; deletes only where the product does; no DDL
-- complaints_reader  figures, exports, a look into a dossier: reads what is on complaints, nothing on keys and passwords
-- Which tables, says activities/register/grants.py.
\set ON_ERROR_STOP on
\set QUIET on
SELECT format('CREATE ROLE %I LOGIN', wanted.name)
FROM (VALUES ('complaints_owner'), ('complaints_writer'), ('complaints_reader')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) \gexec
ALTER ROLE complaints_owner PASSWORD :'owner_password';
ALTER ROLE complaints_writer PASSWORD :'writer_password';
ALTER ROLE complaints_reader PASSWORD :'reader_password';
ALTER ROLE complaints_reader SET default_transaction_read_only = on;

GRANT complaints_owner TO CURRENT_USER; -- an administrator who is no superuser may then make the owner's database
SELECT 'CREATE DATABASE complaints OWNER complaints_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'complaints') \gexec
REVOKE ALL ON DATABASE complaints FROM PUBLIC;
GRANT CONNECT ON DATABASE complaints TO complaints_writer, complaints_reader;

\connect complaints
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO complaints_owner;
GRANT USAGE ON SCHEMA public TO complaints_writer, complaints_reader;
