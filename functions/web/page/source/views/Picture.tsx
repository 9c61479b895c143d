// A moving picture with its sound.

import { useEffect, useRef } from 'preact/hooks';

export function Picture({ stream, isOwn = false, speaker, label, isHidden = false, isScreen = false }: {
  stream: MediaStream; isOwn?: boolean; speaker?: string; label: string; isHidden?: boolean; isScreen?: boolean;
}) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current && video.current.srcObject !== stream) video.current.srcObject = stream;
    void video.current?.play().catch(() => {});
  });
  useEffect(() => {
    if (speaker && video.current && 'setSinkId' in video.current) void video.current.setSinkId(speaker).catch(() => {});
  }, [speaker]);
  const name = ['picture', isOwn && !isScreen && 'mirrored', isHidden && 'unseen', isScreen && 'whole'].filter(Boolean).join(' ');
  return <video ref={video} class={name} autoplay playsInline muted={isOwn} aria-label={label} />;
}
