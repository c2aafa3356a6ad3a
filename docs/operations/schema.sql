-- The schema of BookReader's database at revision model_2026. Made by `bookreader db schema`: do not edit.
-- psql -v ON_ERROR_STOP=1 -1 -f FILE builds it in an empty database, which `bookreader db doctor` then finds healthy.

SET search_path = public;
SET check_function_bodies = off;

CREATE SCHEMA jobs;

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TYPE descriptiontype AS ENUM ('LOCATION', 'CHARACTER', 'ATMOSPHERE', 'OBJECT', 'ACTION');

CREATE TYPE jobs.pgqueuer_status AS ENUM ('queued', 'picked', 'successful', 'exception', 'canceled', 'deleted', 'failed');

CREATE TYPE subscriptionplan AS ENUM ('FREE', 'PREMIUM', 'ULTIMATE');

CREATE TYPE subscriptionstatus AS ENUM ('ACTIVE', 'EXPIRED', 'CANCELLED', 'PENDING');

CREATE OR REPLACE FUNCTION jobs.fn_pgqueuer_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    to_emit BOOLEAN := false;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD IS DISTINCT FROM NEW THEN
        to_emit := true;
    ELSIF TG_OP = 'DELETE' THEN
        to_emit := true;
    ELSIF TG_OP = 'INSERT' THEN
        to_emit := true;
    ELSIF TG_OP = 'TRUNCATE' THEN
        to_emit := true;
    END IF;
    IF to_emit THEN
        PERFORM pg_notify(
            'ch_pgqueuer',
            json_build_object(
                'channel', 'ch_pgqueuer',
                'operation', lower(TG_OP),
                'sent_at', NOW(),
                'table', TG_TABLE_NAME,
                'type', 'table_changed_event'
            )::text
        );
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSE
        RETURN NULL; -- For TRUNCATE and other non-row-specific contexts
    END IF;
END;
$function$;

CREATE OR REPLACE FUNCTION public.mark_reading_days()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO reading_dirty_user_days
            SELECT DISTINCT user_id, (started_at AT TIME ZONE 'UTC')::date FROM new_rows ORDER BY 1, 2 ON CONFLICT (user_id, day) DO UPDATE SET day = excluded.day;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO reading_dirty_user_days
            SELECT DISTINCT user_id, (started_at AT TIME ZONE 'UTC')::date FROM old_rows ORDER BY 1, 2 ON CONFLICT (user_id, day) DO UPDATE SET day = excluded.day;
        ELSE
            INSERT INTO reading_dirty_user_days
            SELECT DISTINCT user_id, (started_at AT TIME ZONE 'UTC')::date FROM (
                (SELECT id, user_id, started_at, duration_minutes, start_position, end_position, pages_read, words_read, is_active FROM new_rows EXCEPT SELECT id, user_id, started_at, duration_minutes, start_position, end_position, pages_read, words_read, is_active FROM old_rows)
                UNION ALL
                (SELECT id, user_id, started_at, duration_minutes, start_position, end_position, pages_read, words_read, is_active FROM old_rows EXCEPT SELECT id, user_id, started_at, duration_minutes, start_position, end_position, pages_read, words_read, is_active FROM new_rows)
            ) AS changed ORDER BY 1, 2 ON CONFLICT (user_id, day) DO UPDATE SET day = excluded.day;
        END IF;
        RETURN NULL;
    END $function$;

CREATE OR REPLACE FUNCTION public.mark_reading_days_of_user()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    BEGIN
        INSERT INTO reading_dirty_user_days
        SELECT DISTINCT user_id, day FROM reading_hours WHERE user_id = NEW.id ORDER BY 1, 2 ON CONFLICT (user_id, day) DO UPDATE SET day = excluded.day;
        RETURN NULL;
    END $function$;

CREATE SEQUENCE jobs.pgqueuer_id_seq AS bigint INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807 START 1;

CREATE SEQUENCE jobs.pgqueuer_schedules_id_seq AS bigint INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807 START 1;

CREATE SEQUENCE jobs.pgqueuer_statistics_id_seq AS bigint INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807 START 1;

CREATE TABLE access_tokens (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    name character varying(100) NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    expires_at timestamp with time zone
);

CREATE TABLE alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE annotations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    book_id uuid NOT NULL,
    key uuid,
    kind character varying(20) NOT NULL,
    chapter integer NOT NULL,
    cfi character varying(1000),
    quote text,
    start_offset integer DEFAULT 0 NOT NULL,
    end_offset integer DEFAULT 0 NOT NULL,
    colour character varying(20),
    note text,
    version character varying(64),
    repaired character varying(20),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE art_directions (
    book_id uuid NOT NULL,
    direction jsonb NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE books (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    title character varying(500) NOT NULL,
    author character varying(255),
    genre character varying(50) DEFAULT 'other'::character varying NOT NULL,
    language character varying(10) DEFAULT 'ru'::character varying NOT NULL,
    file_path character varying(1000) NOT NULL,
    file_format character varying(10) NOT NULL,
    file_size integer NOT NULL,
    cover_image character varying(1000),
    description text,
    book_metadata jsonb,
    total_pages integer DEFAULT 0 NOT NULL,
    estimated_reading_time integer DEFAULT 0 NOT NULL,
    is_parsed boolean DEFAULT false NOT NULL,
    parsing_progress integer DEFAULT 0 NOT NULL,
    parsing_error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    last_accessed timestamp with time zone,
    content_hash character(64),
    deleted_at timestamp with time zone,
    resource_version character varying(64),
    manifest jsonb,
    contents jsonb,
    characters bigint DEFAULT 0 NOT NULL,
    source_cfi_valid boolean DEFAULT true NOT NULL,
    described_with character varying(50)
);

CREATE TABLE chapters (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    book_id uuid NOT NULL,
    chapter_number integer NOT NULL,
    title character varying(500),
    content text NOT NULL,
    html_content text,
    word_count integer DEFAULT 0 NOT NULL,
    estimated_reading_time integer DEFAULT 0 NOT NULL,
    is_description_parsed boolean DEFAULT false NOT NULL,
    descriptions_found integer DEFAULT 0 NOT NULL,
    parsing_progress integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    parsed_at timestamp with time zone,
    href character varying(1000),
    linear boolean DEFAULT true NOT NULL,
    media_type character varying(100),
    cfi character varying(1000),
    characters integer DEFAULT 0 NOT NULL,
    first_position integer DEFAULT 1 NOT NULL,
    positions integer DEFAULT 1 NOT NULL,
    search tsvector
);

CREATE TABLE descriptions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    chapter_id uuid NOT NULL,
    type descriptiontype NOT NULL,
    content text NOT NULL,
    context text,
    confidence_score double precision DEFAULT 0 NOT NULL,
    position_in_chapter integer NOT NULL,
    word_count integer DEFAULT 0 NOT NULL,
    is_suitable_for_generation boolean DEFAULT true NOT NULL,
    priority_score double precision DEFAULT 0 NOT NULL,
    entities_mentioned text,
    emotional_tone character varying(50),
    complexity_level character varying(20),
    image_generated boolean DEFAULT false NOT NULL,
    generation_requested boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    start_offset integer DEFAULT 0 NOT NULL,
    end_offset integer DEFAULT 0 NOT NULL,
    cfi text,
    second_type descriptiontype,
    entities jsonb DEFAULT '[]'::jsonb NOT NULL,
    engine character varying(50),
    hidden boolean DEFAULT false NOT NULL,
    corrected boolean DEFAULT false NOT NULL
);

CREATE TABLE generated_images (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    description_id uuid NOT NULL,
    service_used character varying(50) NOT NULL,
    status character varying(20) DEFAULT 'pending'::character varying NOT NULL,
    image_url character varying(2000),
    local_path character varying(1000),
    prompt_used text NOT NULL,
    generation_parameters jsonb,
    generation_time_seconds double precision,
    file_size integer,
    image_width integer,
    image_height integer,
    file_format character varying(10),
    quality_score double precision,
    is_moderated boolean DEFAULT false NOT NULL,
    moderation_result jsonb,
    moderation_notes text,
    view_count integer DEFAULT 0 NOT NULL,
    download_count integer DEFAULT 0 NOT NULL,
    error_message text,
    retry_count integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    generated_at timestamp with time zone,
    user_id uuid NOT NULL,
    content_hash character(64),
    alt_text text,
    style character varying(50),
    is_current boolean DEFAULT true NOT NULL,
    batch_id uuid,
    task_id character varying(100),
    pixels character(64),
    sizes jsonb
);

CREATE TABLE jobs.pgqueuer (
    id bigint DEFAULT nextval('jobs.pgqueuer_id_seq'::regclass) NOT NULL,
    priority integer NOT NULL,
    queue_manager_id uuid,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    execute_after timestamp with time zone DEFAULT now() NOT NULL,
    status jobs.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL,
    dedupe_key text,
    payload bytea,
    headers jsonb,
    attempts integer DEFAULT 0 NOT NULL,
    slot bigint
);

CREATE TABLE jobs.pgqueuer_log (
    id bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    job_id bigint NOT NULL,
    status jobs.pgqueuer_status NOT NULL,
    priority integer NOT NULL,
    entrypoint text NOT NULL,
    traceback jsonb,
    aggregated boolean DEFAULT false
);

CREATE TABLE jobs.pgqueuer_schedules (
    id bigint DEFAULT nextval('jobs.pgqueuer_schedules_id_seq'::regclass) NOT NULL,
    expression text NOT NULL,
    entrypoint text NOT NULL,
    heartbeat timestamp with time zone DEFAULT now() NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    updated timestamp with time zone DEFAULT now() NOT NULL,
    next_run timestamp with time zone DEFAULT now() NOT NULL,
    last_run timestamp with time zone,
    status jobs.pgqueuer_status DEFAULT 'queued'::jobs.pgqueuer_status
);

CREATE TABLE jobs.pgqueuer_statistics (
    id bigint DEFAULT nextval('jobs.pgqueuer_statistics_id_seq'::regclass) NOT NULL,
    created timestamp with time zone DEFAULT date_trunc('sec'::text, now()) NOT NULL,
    count bigint NOT NULL,
    priority integer NOT NULL,
    status jobs.pgqueuer_status NOT NULL,
    entrypoint text NOT NULL
);

CREATE TABLE ledger (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    book_id uuid,
    subject_id uuid NOT NULL,
    service character varying(50) NOT NULL,
    price numeric(12,4) DEFAULT 0 NOT NULL,
    state character varying(20) DEFAULT 'reserved'::character varying NOT NULL,
    day date NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    purpose character varying(20) DEFAULT 'picture'::character varying NOT NULL
);

CREATE TABLE model_readings (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    chapter_id uuid NOT NULL,
    engine character varying(50) NOT NULL,
    start_offset integer NOT NULL,
    end_offset integer NOT NULL,
    outcome character varying(20) NOT NULL,
    found integer DEFAULT 0 NOT NULL,
    price numeric(12,4) DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE picture_batches (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    book_id uuid NOT NULL,
    scope character varying(20) NOT NULL,
    service character varying(50) NOT NULL,
    style character varying(50),
    state character varying(20) DEFAULT 'active'::character varying NOT NULL,
    pictures integer NOT NULL,
    price numeric(12,4) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE placeholders (
    pixels character(64) NOT NULL,
    service character varying(50) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE places (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    book_id uuid NOT NULL,
    key uuid NOT NULL,
    device character varying(100) NOT NULL,
    chapter integer NOT NULL,
    cfi character varying(500),
    quote character varying(500),
    page integer NOT NULL,
    total_progression double precision NOT NULL,
    scroll_offset_percent double precision,
    client_time timestamp with time zone,
    at timestamp with time zone DEFAULT now() NOT NULL,
    read_at timestamp with time zone DEFAULT now() NOT NULL,
    began_at timestamp with time zone DEFAULT now() NOT NULL,
    since timestamp with time zone,
    pages_read integer DEFAULT 0 NOT NULL,
    words_read integer DEFAULT 0 NOT NULL,
    version character varying(64),
    repaired character varying(20)
);

CREATE TABLE processing_jobs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid,
    book_id uuid,
    kind character varying(50) NOT NULL,
    state character varying(20) DEFAULT 'queued'::character varying NOT NULL,
    progress integer DEFAULT 0 NOT NULL,
    subject_id uuid,
    payload jsonb DEFAULT '{}'::jsonb NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    max_attempts integer DEFAULT 3 NOT NULL,
    lease_until timestamp with time zone,
    worker character varying(100),
    error jsonb,
    cost numeric(12,4),
    cancel_requested boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE reading_days (
    day date NOT NULL,
    sessions bigint NOT NULL,
    active_users bigint NOT NULL,
    minutes bigint NOT NULL,
    over_10min bigint NOT NULL,
    completed bigint NOT NULL,
    completed_minutes bigint NOT NULL,
    completed_progress bigint NOT NULL,
    rolled_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE reading_dirty_days (
    day date NOT NULL
);

CREATE TABLE reading_dirty_user_days (
    user_id uuid NOT NULL,
    day date NOT NULL
);

CREATE TABLE reading_hours (
    user_id uuid NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,
    local_date date NOT NULL,
    local_hour smallint NOT NULL,
    sessions integer NOT NULL,
    minutes integer NOT NULL,
    pages integer NOT NULL,
    words integer NOT NULL,
    over_10min integer NOT NULL,
    completed integer NOT NULL,
    completed_minutes integer NOT NULL,
    completed_progress integer NOT NULL
);

CREATE TABLE reading_progress (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    book_id uuid NOT NULL,
    current_chapter integer DEFAULT 1 NOT NULL,
    current_page integer DEFAULT 1 NOT NULL,
    current_position integer DEFAULT 0 NOT NULL,
    reading_time_minutes integer DEFAULT 0 NOT NULL,
    reading_speed_wpm double precision DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    last_read_at timestamp with time zone DEFAULT now() NOT NULL,
    reading_location_cfi character varying(500),
    scroll_offset_percent double precision DEFAULT 0.0 NOT NULL,
    current_place_id uuid,
    furthest_place_id uuid
);

CREATE TABLE reading_sessions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    book_id uuid NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    duration_minutes integer DEFAULT 0 NOT NULL,
    start_position integer DEFAULT 0 NOT NULL,
    end_position integer DEFAULT 0 NOT NULL,
    pages_read integer DEFAULT 0 NOT NULL,
    device_type character varying(50),
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    key uuid,
    device character varying(100),
    last_activity_at timestamp with time zone,
    words_read integer DEFAULT 0 NOT NULL
);

CREATE TABLE reading_totals (
    user_id uuid NOT NULL,
    sessions bigint NOT NULL,
    minutes bigint NOT NULL,
    pages bigint NOT NULL
);

CREATE TABLE reset_links (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone
);

CREATE TABLE resources (
    book_id uuid NOT NULL,
    href character varying(1000) NOT NULL,
    media_type character varying(255) NOT NULL,
    content_hash character(64) NOT NULL,
    size bigint NOT NULL
);

CREATE TABLE schema_revisions (
    revision character varying(32) NOT NULL,
    parent character varying(32),
    file_name character varying(255) NOT NULL,
    source text NOT NULL,
    sha256 character(64) NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE service_turns (
    service character varying(50) NOT NULL,
    next_at timestamp with time zone NOT NULL,
    trouble character varying(20),
    sentence text,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE sheet_facts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    sheet_id uuid NOT NULL,
    aspect character varying(20) NOT NULL,
    value character varying(300) NOT NULL,
    state character varying(20) NOT NULL,
    chapter integer NOT NULL,
    start_offset integer NOT NULL,
    end_offset integer NOT NULL,
    quote text,
    called character varying(300),
    cfi text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE sheets (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    book_id uuid NOT NULL,
    kind character varying(10) NOT NULL,
    name character varying(300),
    names jsonb NOT NULL,
    mentions integer NOT NULL,
    chapter integer NOT NULL,
    start_offset integer NOT NULL,
    label character varying(100),
    look character varying(500),
    seed integer NOT NULL,
    state character varying(20) DEFAULT 'found'::character varying NOT NULL,
    locked boolean DEFAULT false NOT NULL,
    touched boolean DEFAULT false NOT NULL,
    evidence jsonb DEFAULT '[]'::jsonb NOT NULL,
    reference_hash character(64),
    reference_format character varying(10),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE sign_ins (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    user_agent character varying(255),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE site_settings (
    key character varying(100) NOT NULL,
    value jsonb NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_by uuid
);

CREATE TABLE subscriptions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    plan subscriptionplan DEFAULT 'FREE'::subscriptionplan NOT NULL,
    status subscriptionstatus DEFAULT 'ACTIVE'::subscriptionstatus NOT NULL,
    start_date timestamp with time zone DEFAULT now() NOT NULL,
    end_date timestamp with time zone,
    auto_renewal boolean DEFAULT false NOT NULL,
    books_uploaded integer DEFAULT 0 NOT NULL,
    images_generated_month integer DEFAULT 0 NOT NULL,
    last_reset_date timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE upkeep_runs (
    task character varying(50) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    succeeded boolean,
    outcome jsonb
);

CREATE TABLE users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email character varying(255) NOT NULL,
    password_hash character varying(255) NOT NULL,
    full_name character varying(255),
    is_active boolean DEFAULT true NOT NULL,
    is_verified boolean DEFAULT false NOT NULL,
    is_admin boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    last_login timestamp with time zone,
    time_zone character varying(64) DEFAULT 'UTC'::character varying NOT NULL,
    locale character varying(10) DEFAULT 'en'::character varying NOT NULL
);

ALTER TABLE access_tokens ADD CONSTRAINT access_tokens_pkey PRIMARY KEY (id);

ALTER TABLE access_tokens ADD CONSTRAINT access_tokens_token_hash_key UNIQUE (token_hash);

ALTER TABLE alembic_version ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE annotations ADD CONSTRAINT annotations_pkey PRIMARY KEY (id);

ALTER TABLE annotations ADD CONSTRAINT check_annotation_kind CHECK (((kind)::text = ANY (ARRAY['bookmark'::text, 'highlight'::text])));

ALTER TABLE art_directions ADD CONSTRAINT art_directions_pkey PRIMARY KEY (book_id);

ALTER TABLE books ADD CONSTRAINT books_pkey PRIMARY KEY (id);

ALTER TABLE books ADD CONSTRAINT check_book_format CHECK (((file_format)::text = ANY (ARRAY['epub'::text, 'fb2'::text])));

ALTER TABLE books ADD CONSTRAINT check_book_genre CHECK (((genre)::text = ANY (ARRAY['fantasy'::text, 'detective'::text, 'science_fiction'::text, 'historical'::text, 'romance'::text, 'thriller'::text, 'horror'::text, 'classic'::text, 'other'::text])));

ALTER TABLE books ADD CONSTRAINT check_book_parsing_progress CHECK (((parsing_progress >= 0) AND (parsing_progress <= 100)));

ALTER TABLE chapters ADD CONSTRAINT chapters_pkey PRIMARY KEY (id);

ALTER TABLE chapters ADD CONSTRAINT check_chapter_parsing_progress CHECK (((parsing_progress >= 0) AND (parsing_progress <= 100)));

ALTER TABLE descriptions ADD CONSTRAINT check_description_span CHECK (((start_offset >= 0) AND (end_offset >= start_offset)));

ALTER TABLE descriptions ADD CONSTRAINT descriptions_pkey PRIMARY KEY (id);

ALTER TABLE generated_images ADD CONSTRAINT check_image_service CHECK (((service_used)::text = ANY (ARRAY['pollinations'::text, 'openai_dalle'::text, 'midjourney'::text, 'stable_diffusion'::text, 'plate'::text])));

ALTER TABLE generated_images ADD CONSTRAINT check_image_status CHECK (((status)::text = ANY (ARRAY['pending'::text, 'generating'::text, 'completed'::text, 'failed'::text, 'moderated'::text])));

ALTER TABLE generated_images ADD CONSTRAINT generated_images_pkey PRIMARY KEY (id);

ALTER TABLE jobs.pgqueuer ADD CONSTRAINT pgqueuer_pkey PRIMARY KEY (id);

ALTER TABLE jobs.pgqueuer_log ADD CONSTRAINT pgqueuer_log_pkey PRIMARY KEY (id);

ALTER TABLE jobs.pgqueuer_schedules ADD CONSTRAINT pgqueuer_schedules_expression_entrypoint_key UNIQUE (expression, entrypoint);

ALTER TABLE jobs.pgqueuer_schedules ADD CONSTRAINT pgqueuer_schedules_pkey PRIMARY KEY (id);

ALTER TABLE jobs.pgqueuer_statistics ADD CONSTRAINT pgqueuer_statistics_pkey PRIMARY KEY (id);

ALTER TABLE ledger ADD CONSTRAINT check_ledger_price CHECK ((price >= (0)::numeric));

ALTER TABLE ledger ADD CONSTRAINT check_ledger_purpose CHECK (((purpose)::text = ANY (ARRAY['picture'::text, 'passages'::text])));

ALTER TABLE ledger ADD CONSTRAINT check_ledger_state CHECK (((state)::text = ANY (ARRAY['reserved'::text, 'settled'::text, 'returned'::text])));

ALTER TABLE ledger ADD CONSTRAINT ledger_pkey PRIMARY KEY (id);

ALTER TABLE ledger ADD CONSTRAINT ledger_subject_id_key UNIQUE (subject_id);

ALTER TABLE model_readings ADD CONSTRAINT check_reading_outcome CHECK (((outcome)::text = ANY (ARRAY['read'::text, 'invalid'::text, 'ungrounded'::text, 'refused'::text, 'unavailable'::text, 'timeout'::text])));

ALTER TABLE model_readings ADD CONSTRAINT check_reading_span CHECK (((start_offset >= 0) AND (end_offset >= start_offset)));

ALTER TABLE model_readings ADD CONSTRAINT model_readings_pkey PRIMARY KEY (id);

ALTER TABLE model_readings ADD CONSTRAINT model_readings_stretch_key UNIQUE (chapter_id, engine, start_offset, end_offset);

ALTER TABLE picture_batches ADD CONSTRAINT check_batch_state CHECK (((state)::text = ANY (ARRAY['active'::text, 'paused'::text, 'cancelled'::text])));

ALTER TABLE picture_batches ADD CONSTRAINT picture_batches_pkey PRIMARY KEY (id);

ALTER TABLE placeholders ADD CONSTRAINT placeholders_pkey PRIMARY KEY (pixels);

ALTER TABLE places ADD CONSTRAINT check_place_progression CHECK (((total_progression >= (0)::double precision) AND (total_progression <= (1)::double precision)));

ALTER TABLE places ADD CONSTRAINT places_pkey PRIMARY KEY (id);

ALTER TABLE places ADD CONSTRAINT uq_places_user_key UNIQUE (user_id, key);

ALTER TABLE processing_jobs ADD CONSTRAINT check_job_progress CHECK (((progress >= 0) AND (progress <= 100)));

ALTER TABLE processing_jobs ADD CONSTRAINT check_job_state CHECK (((state)::text = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text])));

ALTER TABLE processing_jobs ADD CONSTRAINT processing_jobs_pkey PRIMARY KEY (id);

ALTER TABLE reading_days ADD CONSTRAINT reading_days_pkey PRIMARY KEY (day);

ALTER TABLE reading_dirty_days ADD CONSTRAINT reading_dirty_days_pkey PRIMARY KEY (day);

ALTER TABLE reading_dirty_user_days ADD CONSTRAINT reading_dirty_user_days_pkey PRIMARY KEY (user_id, day);

ALTER TABLE reading_hours ADD CONSTRAINT reading_hours_pkey PRIMARY KEY (user_id, day, hour, local_date, local_hour);

ALTER TABLE reading_progress ADD CONSTRAINT check_progress_position CHECK (((current_position >= 0) AND (current_position <= 100)));

ALTER TABLE reading_progress ADD CONSTRAINT check_progress_scroll CHECK (((scroll_offset_percent >= (0)::double precision) AND (scroll_offset_percent <= (100)::double precision)));

ALTER TABLE reading_progress ADD CONSTRAINT check_progress_time CHECK (((reading_time_minutes >= 0) AND (reading_speed_wpm >= (0)::double precision)));

ALTER TABLE reading_progress ADD CONSTRAINT reading_progress_pkey PRIMARY KEY (id);

ALTER TABLE reading_sessions ADD CONSTRAINT check_session_amounts CHECK (((duration_minutes >= 0) AND (pages_read >= 0)));

ALTER TABLE reading_sessions ADD CONSTRAINT check_session_order CHECK ((ended_at >= started_at));

ALTER TABLE reading_sessions ADD CONSTRAINT check_session_range CHECK (((start_position >= 0) AND (start_position <= 100) AND (end_position >= 0) AND (end_position <= 100)));

ALTER TABLE reading_sessions ADD CONSTRAINT reading_sessions_pkey PRIMARY KEY (id);

ALTER TABLE reading_totals ADD CONSTRAINT reading_totals_pkey PRIMARY KEY (user_id);

ALTER TABLE reset_links ADD CONSTRAINT reset_links_pkey PRIMARY KEY (id);

ALTER TABLE reset_links ADD CONSTRAINT reset_links_token_hash_key UNIQUE (token_hash);

ALTER TABLE resources ADD CONSTRAINT resources_pkey PRIMARY KEY (book_id, href);

ALTER TABLE schema_revisions ADD CONSTRAINT schema_revisions_pkey PRIMARY KEY (revision);

ALTER TABLE service_turns ADD CONSTRAINT service_turns_pkey PRIMARY KEY (service);

ALTER TABLE sheet_facts ADD CONSTRAINT check_fact_aspect CHECK (((aspect)::text = ANY (ARRAY['age'::text, 'build'::text, 'face'::text, 'hair'::text, 'eyes'::text, 'marks'::text, 'dress'::text])));

ALTER TABLE sheet_facts ADD CONSTRAINT check_fact_span CHECK (((start_offset >= 0) AND (end_offset >= start_offset)));

ALTER TABLE sheet_facts ADD CONSTRAINT check_fact_state CHECK (((state)::text = ANY (ARRAY['sure'::text, 'suggested'::text, 'confirmed'::text, 'rejected'::text, 'added'::text])));

ALTER TABLE sheet_facts ADD CONSTRAINT sheet_facts_pkey PRIMARY KEY (id);

ALTER TABLE sheets ADD CONSTRAINT check_sheet_kind CHECK (((kind)::text = ANY (ARRAY['person'::text, 'place'::text])));

ALTER TABLE sheets ADD CONSTRAINT check_sheet_state CHECK (((state)::text = ANY (ARRAY['found'::text, 'confirmed'::text, 'rejected'::text])));

ALTER TABLE sheets ADD CONSTRAINT sheets_pkey PRIMARY KEY (id);

ALTER TABLE sign_ins ADD CONSTRAINT sign_ins_pkey PRIMARY KEY (id);

ALTER TABLE sign_ins ADD CONSTRAINT sign_ins_token_hash_key UNIQUE (token_hash);

ALTER TABLE site_settings ADD CONSTRAINT site_settings_pkey PRIMARY KEY (key);

ALTER TABLE subscriptions ADD CONSTRAINT subscriptions_pkey PRIMARY KEY (id);

ALTER TABLE upkeep_runs ADD CONSTRAINT upkeep_runs_pkey PRIMARY KEY (task);

ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE INDEX idx_annotations_user_book ON public.annotations USING btree (user_id, book_id, chapter, start_offset);

CREATE INDEX idx_books_author_trgm ON public.books USING gin (author gin_trgm_ops);

CREATE INDEX idx_books_metadata_gin ON public.books USING gin (book_metadata jsonb_path_ops);

CREATE INDEX idx_books_title_trgm ON public.books USING gin (title gin_trgm_ops);

CREATE INDEX idx_books_user_created ON public.books USING btree (user_id, created_at);

CREATE INDEX idx_books_user_unparsed ON public.books USING btree (user_id, is_parsed) WHERE (is_parsed = false);

CREATE UNIQUE INDEX idx_chapters_book_number ON public.chapters USING btree (book_id, chapter_number);

CREATE INDEX idx_chapters_search ON public.chapters USING gin (search);

CREATE INDEX idx_descriptions_chapter_priority ON public.descriptions USING btree (chapter_id, priority_score);

CREATE INDEX idx_generated_images_description ON public.generated_images USING btree (description_id);

CREATE INDEX idx_generated_images_moderation_gin ON public.generated_images USING gin (moderation_result jsonb_path_ops);

CREATE INDEX idx_generated_images_params_gin ON public.generated_images USING gin (generation_parameters jsonb_path_ops);

CREATE INDEX idx_images_status_created ON public.generated_images USING btree (status, created_at);

CREATE INDEX idx_ledger_user_day ON public.ledger USING btree (user_id, day);

CREATE INDEX idx_places_user_book_at ON public.places USING btree (user_id, book_id, at);

CREATE INDEX idx_places_user_book_device ON public.places USING btree (user_id, book_id, device, read_at);

CREATE INDEX idx_processing_jobs_book_kind ON public.processing_jobs USING btree (book_id, kind);

CREATE INDEX idx_processing_jobs_leases ON public.processing_jobs USING btree (lease_until) WHERE ((state)::text = 'running'::text);

CREATE INDEX idx_processing_jobs_subject ON public.processing_jobs USING btree (subject_id);

CREATE INDEX idx_processing_jobs_user_created ON public.processing_jobs USING btree (user_id, created_at);

CREATE INDEX idx_processing_jobs_waiting ON public.processing_jobs USING btree (created_at) WHERE ((state)::text = 'queued'::text);

CREATE INDEX idx_reading_hours_day ON public.reading_hours USING btree (day);

CREATE INDEX idx_reading_hours_user_local ON public.reading_hours USING btree (user_id, local_date);

CREATE INDEX idx_reading_progress_current_place ON public.reading_progress USING btree (current_place_id);

CREATE INDEX idx_reading_progress_furthest_place ON public.reading_progress USING btree (furthest_place_id);

CREATE INDEX idx_reading_progress_last_read ON public.reading_progress USING btree (user_id, last_read_at);

CREATE UNIQUE INDEX idx_reading_progress_user_book ON public.reading_progress USING btree (user_id, book_id);

CREATE INDEX idx_reading_sessions_active ON public.reading_sessions USING btree (user_id, is_active) WHERE (is_active = true);

CREATE INDEX idx_reading_sessions_book ON public.reading_sessions USING btree (book_id, started_at);

CREATE INDEX idx_reading_sessions_user_started ON public.reading_sessions USING btree (user_id, started_at);

CREATE INDEX idx_subscriptions_user_status ON public.subscriptions USING btree (user_id, status);

CREATE INDEX ix_access_tokens_user_id ON public.access_tokens USING btree (user_id);

CREATE INDEX ix_annotations_book_id ON public.annotations USING btree (book_id);

CREATE INDEX ix_books_author ON public.books USING btree (author);

CREATE INDEX ix_books_title ON public.books USING btree (title);

CREATE INDEX ix_generated_images_batch_id ON public.generated_images USING btree (batch_id);

CREATE INDEX ix_generated_images_content_hash ON public.generated_images USING btree (content_hash);

CREATE INDEX ix_generated_images_pixels ON public.generated_images USING btree (pixels);

CREATE INDEX ix_generated_images_user_id ON public.generated_images USING btree (user_id);

CREATE INDEX ix_ledger_book_id ON public.ledger USING btree (book_id);

CREATE INDEX ix_ledger_created_at ON public.ledger USING btree (created_at);

CREATE INDEX ix_picture_batches_book_id ON public.picture_batches USING btree (book_id);

CREATE INDEX ix_picture_batches_user_id ON public.picture_batches USING btree (user_id);

CREATE INDEX ix_places_book_id ON public.places USING btree (book_id);

CREATE INDEX ix_reading_progress_book_id ON public.reading_progress USING btree (book_id);

CREATE INDEX ix_reset_links_user_id ON public.reset_links USING btree (user_id);

CREATE INDEX ix_resources_content_hash ON public.resources USING btree (content_hash);

CREATE INDEX ix_sheet_facts_sheet_id ON public.sheet_facts USING btree (sheet_id);

CREATE INDEX ix_sheets_book_id ON public.sheets USING btree (book_id);

CREATE INDEX ix_sign_ins_user_id ON public.sign_ins USING btree (user_id);

CREATE INDEX ix_site_settings_updated_by ON public.site_settings USING btree (updated_by);

CREATE UNIQUE INDEX ix_users_email ON public.users USING btree (email);

CREATE INDEX pgqueuer_ep_ea_idx ON jobs.pgqueuer USING btree (entrypoint, execute_after) WHERE (status = 'queued'::jobs.pgqueuer_status);

CREATE INDEX pgqueuer_ep_prio_id_idx ON jobs.pgqueuer USING btree (entrypoint, priority DESC, id) WHERE (status = 'queued'::jobs.pgqueuer_status);

CREATE INDEX pgqueuer_log_created ON jobs.pgqueuer_log USING btree (created);

CREATE INDEX pgqueuer_log_job_id_status ON jobs.pgqueuer_log USING btree (job_id, created DESC);

CREATE INDEX pgqueuer_log_not_aggregated ON jobs.pgqueuer_log USING btree ((1)) WHERE (NOT aggregated);

CREATE INDEX pgqueuer_log_status ON jobs.pgqueuer_log USING btree (status);

CREATE INDEX pgqueuer_picked_heartbeat_idx ON jobs.pgqueuer USING btree (heartbeat) WHERE (status = 'picked'::jobs.pgqueuer_status);

CREATE UNIQUE INDEX pgqueuer_picked_slot_idx ON jobs.pgqueuer USING btree (entrypoint, slot) WHERE ((status = 'picked'::jobs.pgqueuer_status) AND (slot IS NOT NULL));

CREATE INDEX pgqueuer_priority_id_id1_idx ON jobs.pgqueuer USING btree (priority, id DESC) INCLUDE (id) WHERE (status = 'queued'::jobs.pgqueuer_status);

CREATE INDEX pgqueuer_queue_manager_id_idx ON jobs.pgqueuer USING btree (queue_manager_id) WHERE (queue_manager_id IS NOT NULL);

CREATE UNIQUE INDEX pgqueuer_statistics_unique_count ON jobs.pgqueuer_statistics USING btree (priority, date_trunc('sec'::text, timezone('UTC'::text, created)), status, entrypoint);

CREATE UNIQUE INDEX pgqueuer_unique_dedupe_key ON jobs.pgqueuer USING btree (dedupe_key) WHERE ((status = ANY (ARRAY['queued'::jobs.pgqueuer_status, 'picked'::jobs.pgqueuer_status])) AND (dedupe_key IS NOT NULL));

CREATE INDEX pgqueuer_updated_id_id1_idx ON jobs.pgqueuer USING btree (updated, id DESC) INCLUDE (id) WHERE (status = 'picked'::jobs.pgqueuer_status);

CREATE UNIQUE INDEX uq_annotations_user_key ON public.annotations USING btree (user_id, key) WHERE (key IS NOT NULL);

CREATE UNIQUE INDEX uq_books_user_content_hash ON public.books USING btree (user_id, content_hash) WHERE ((deleted_at IS NULL) AND (content_hash IS NOT NULL));

CREATE UNIQUE INDEX uq_reading_sessions_user_key ON public.reading_sessions USING btree (user_id, key) WHERE (key IS NOT NULL);

CREATE UNIQUE INDEX uq_subscriptions_one_active ON public.subscriptions USING btree (user_id) WHERE (status = 'ACTIVE'::subscriptionstatus);

CREATE UNIQUE INDEX uq_users_lower_email ON public.users USING btree (lower((email)::text));

ALTER TABLE access_tokens ADD CONSTRAINT access_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE annotations ADD CONSTRAINT annotations_book_id_fkey FOREIGN KEY (book_id) REFERENCES books(id) ON DELETE CASCADE;

ALTER TABLE annotations ADD CONSTRAINT annotations_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE art_directions ADD CONSTRAINT art_directions_book_id_fkey FOREIGN KEY (book_id) REFERENCES books(id) ON DELETE CASCADE;

ALTER TABLE books ADD CONSTRAINT books_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE chapters ADD CONSTRAINT chapters_book_id_fkey FOREIGN KEY (book_id) REFERENCES books(id) ON DELETE CASCADE;

ALTER TABLE descriptions ADD CONSTRAINT descriptions_chapter_id_fkey FOREIGN KEY (chapter_id) REFERENCES chapters(id) ON DELETE CASCADE;

ALTER TABLE generated_images ADD CONSTRAINT generated_images_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES picture_batches(id) ON DELETE SET NULL;

ALTER TABLE generated_images ADD CONSTRAINT generated_images_description_id_fkey FOREIGN KEY (description_id) REFERENCES descriptions(id) ON DELETE CASCADE;

ALTER TABLE generated_images ADD CONSTRAINT generated_images_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE ledger ADD CONSTRAINT ledger_book_id_fkey FOREIGN KEY (book_id) REFERENCES books(id) ON DELETE SET NULL;

ALTER TABLE ledger ADD CONSTRAINT ledger_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE model_readings ADD CONSTRAINT model_readings_chapter_id_fkey FOREIGN KEY (chapter_id) REFERENCES chapters(id) ON DELETE CASCADE;

ALTER TABLE picture_batches ADD CONSTRAINT picture_batches_book_id_fkey FOREIGN KEY (book_id) REFERENCES books(id) ON DELETE CASCADE;

ALTER TABLE picture_batches ADD CONSTRAINT picture_batches_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE places ADD CONSTRAINT places_book_id_fkey FOREIGN KEY (book_id) REFERENCES books(id) ON DELETE CASCADE;

ALTER TABLE places ADD CONSTRAINT places_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE processing_jobs ADD CONSTRAINT processing_jobs_book_id_fkey FOREIGN KEY (book_id) REFERENCES books(id) ON DELETE CASCADE;

ALTER TABLE processing_jobs ADD CONSTRAINT processing_jobs_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE reading_hours ADD CONSTRAINT reading_hours_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE reading_progress ADD CONSTRAINT reading_progress_book_id_fkey FOREIGN KEY (book_id) REFERENCES books(id) ON DELETE CASCADE;

ALTER TABLE reading_progress ADD CONSTRAINT reading_progress_current_place_id_fkey FOREIGN KEY (current_place_id) REFERENCES places(id) ON DELETE SET NULL;

ALTER TABLE reading_progress ADD CONSTRAINT reading_progress_furthest_place_id_fkey FOREIGN KEY (furthest_place_id) REFERENCES places(id) ON DELETE SET NULL;

ALTER TABLE reading_progress ADD CONSTRAINT reading_progress_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE reading_sessions ADD CONSTRAINT reading_sessions_book_id_fkey FOREIGN KEY (book_id) REFERENCES books(id) ON DELETE CASCADE;

ALTER TABLE reading_sessions ADD CONSTRAINT reading_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE reading_totals ADD CONSTRAINT reading_totals_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE reset_links ADD CONSTRAINT reset_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE resources ADD CONSTRAINT resources_book_id_fkey FOREIGN KEY (book_id) REFERENCES books(id) ON DELETE CASCADE;

ALTER TABLE sheet_facts ADD CONSTRAINT sheet_facts_sheet_id_fkey FOREIGN KEY (sheet_id) REFERENCES sheets(id) ON DELETE CASCADE;

ALTER TABLE sheets ADD CONSTRAINT sheets_book_id_fkey FOREIGN KEY (book_id) REFERENCES books(id) ON DELETE CASCADE;

ALTER TABLE sign_ins ADD CONSTRAINT sign_ins_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

ALTER TABLE site_settings ADD CONSTRAINT site_settings_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES users(id) ON DELETE SET NULL;

ALTER TABLE subscriptions ADD CONSTRAINT subscriptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;

CREATE MATERIALIZED VIEW reading_sessions_daily_stats AS SELECT day AS date, sessions AS total_sessions, active_users, completed_minutes::numeric / NULLIF(completed, 0)::numeric AS avg_duration_minutes, minutes AS total_reading_minutes, completed_progress::numeric / NULLIF(completed, 0)::numeric AS avg_progress_percent, over_10min AS sessions_over_10min, completed AS completed_sessions FROM reading_days WHERE day > ((now() AT TIME ZONE 'UTC'::text)::date - 90) ORDER BY day DESC;

CREATE MATERIALIZED VIEW user_reading_patterns AS SELECT user_id, sum(sum(completed)) OVER person::bigint AS total_sessions, sum(sum(completed_minutes)) OVER person / NULLIF(sum(sum(completed)) OVER person, 0::numeric) AS avg_session_duration, sum(sum(completed_minutes)) OVER person::bigint AS total_reading_time, sum(sum(completed_progress)) OVER person / NULLIF(sum(sum(completed)) OVER person, 0::numeric) AS avg_progress_per_session, hour::integer AS preferred_reading_hour, sum(completed) AS sessions_at_hour FROM reading_hours WHERE completed > 0 AND day > ((now() AT TIME ZONE 'UTC'::text)::date - 30) GROUP BY user_id, hour WINDOW person AS (PARTITION BY user_id) ORDER BY user_id, (sum(completed)) DESC;

CREATE UNIQUE INDEX idx_reading_sessions_daily_stats_date ON public.reading_sessions_daily_stats USING btree (date);

CREATE INDEX idx_user_reading_patterns_user ON public.user_reading_patterns USING btree (user_id);

CREATE UNIQUE INDEX uq_user_reading_patterns_user_hour ON public.user_reading_patterns USING btree (user_id, preferred_reading_hour);

CREATE TRIGGER tg_pgqueuer_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON jobs.pgqueuer FOR EACH STATEMENT EXECUTE FUNCTION jobs.fn_pgqueuer_changed();

CREATE TRIGGER mark_deleted_reading_days AFTER DELETE ON public.reading_sessions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_reading_days();

CREATE TRIGGER mark_inserted_reading_days AFTER INSERT ON public.reading_sessions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_reading_days();

CREATE TRIGGER mark_updated_reading_days AFTER UPDATE ON public.reading_sessions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION mark_reading_days();

CREATE TRIGGER mark_moved_reading_days AFTER UPDATE OF time_zone ON public.users FOR EACH ROW WHEN (((old.time_zone)::text IS DISTINCT FROM (new.time_zone)::text)) EXECUTE FUNCTION mark_reading_days_of_user();

ALTER SEQUENCE jobs.pgqueuer_id_seq OWNED BY jobs.pgqueuer.id;

ALTER SEQUENCE jobs.pgqueuer_schedules_id_seq OWNED BY jobs.pgqueuer_schedules.id;

ALTER SEQUENCE jobs.pgqueuer_statistics_id_seq OWNED BY jobs.pgqueuer_statistics.id;

INSERT INTO alembic_version (version_num) VALUES ('model_2026');
