-- Rows of a large installation at revision 9, for benchmarks/database.py.

INSERT INTO users (id, email, password_hash, is_active, is_verified, is_admin)
SELECT md5('u' || i)::uuid, 'reader' || i || '@example.org', 'x', true, true, false FROM generate_series(1, :people) AS i
-- next
INSERT INTO books (id, user_id, title, author, genre, language, file_path, file_format, file_size, book_metadata,
    total_pages, estimated_reading_time, is_parsed, parsing_progress, created_at)
SELECT md5('b' || i)::uuid, md5('u' || CASE WHEN i <= :heavy THEN 1 ELSE 2 + i % (:people - 1) END)::uuid,
    'The history of the number ' || i, 'Author ' || i % 9000, 'classic', 'en', 'blobs/' || i, 'epub', 400000,
    jsonb_build_object('tags', jsonb_build_array('tag ' || i % 833, 'novel', 'shelf ' || i % 20),
        'publisher', 'Publisher ' || i % 700, 'series', jsonb_build_object('name', 'Series ' || i % 5000, 'index', 1),
        'language', 'en', 'authors', jsonb_build_array('Author ' || i % 9000),
        'identifiers', jsonb_build_array(jsonb_build_object('scheme', 'isbn', 'value', '978' || i)),
        'description', repeat('words of a blurb ', 15)),
    300, 400, true, 100, now() - make_interval(secs => i * 300)
FROM generate_series(1, :books) AS i
-- next
INSERT INTO chapters (id, book_id, chapter_number, content, word_count, estimated_reading_time,
    is_description_parsed, descriptions_found, parsing_progress)
SELECT md5('c' || i)::uuid, md5('b' || i)::uuid, 1, 'text', 1, 1, true, 10, 100 FROM generate_series(1, 10000) AS i
-- next
INSERT INTO descriptions (id, chapter_id, type, content, confidence_score, position_in_chapter, word_count,
    is_suitable_for_generation, priority_score, image_generated, generation_requested)
SELECT md5('d' || i)::uuid, md5('c' || 1 + i % 10000)::uuid, 'LOCATION', 'A hill.', 0.9, i, 2, true, 0.9, true, true
FROM generate_series(1, 100000) AS i
-- next
INSERT INTO generated_images (id, description_id, user_id, service_used, status, prompt_used, generation_parameters,
    is_moderated, view_count, download_count, retry_count)
SELECT md5('i' || i)::uuid, md5('d' || 1 + i % 100000)::uuid, md5('u' || 1 + i % :people)::uuid, 'pollinations',
    'completed', 'a hill', jsonb_build_object('model', 'm' || i % 5, 'seed', i, 'size', '1024x768'), false, 0, 0, 0
FROM generate_series(1, :pictures) AS i
-- next
INSERT INTO reading_sessions (id, user_id, book_id, started_at, ended_at, duration_minutes, start_position,
    end_position, pages_read, device_type, is_active)
SELECT md5('s' || i)::uuid, md5('u' || 1 + i % :people)::uuid, md5('b' || 1 + i % :books)::uuid,
    now() - make_interval(secs => i * (365 * 86400.0 / :sessions)), now(), i % 50, i % 40, 40 + i % 60, i % 20,
    'desktop', false
FROM generate_series(1, :sessions) AS i
